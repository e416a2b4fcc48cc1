// SPDX-License-Identifier: Apache-2.0
#include "releases_fixture.hpp"

namespace stepback::local {
namespace {

TEST_F(ReleasesTest, PublishesAndSwitches) {
  const Digest digest = published("v1");
  EXPECT_EQ(digest.hex.size(), 64U);
  must_switch(to("v1", 1));
  EXPECT_EQ(directory_.read("production/current/VERSION"), "v1\n");
  const Pointer now = pointer();
  EXPECT_EQ(now.version.text, "v1");
  EXPECT_EQ(now.digest, digest);
  EXPECT_EQ(now.operation, 1U);
  EXPECT_TRUE(now.settled);
}

TEST_F(ReleasesTest, KeepsModesAndLinksOfAReleaseAndNothingElse) {
  fs::create_symlink("app/main.py", directory_.path("source-v1/link"));
  directory_.make("source-v1/empty");
  published("v1");
  struct stat facts{};
  ASSERT_EQ(::stat(directory_.path(release("v1", "run")).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0755U);
  ASSERT_EQ(::stat(directory_.path(release("v1", "VERSION")).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0644U);
  EXPECT_EQ(fs::read_symlink(directory_.path(release("v1", "link"))), "app/main.py");
  EXPECT_TRUE(directory_.has(release("v1", "empty")));
  EXPECT_EQ(names_in(directory_.path("production/releases")).value(),
            (std::vector<std::string>{"v1", "v1.manifest"}));
}

TEST_F(ReleasesTest, AnswerNothingForAnEnvironmentThatWasNeverPublishedTo) {
  EXPECT_EQ(releases_.check(production_, {"v1"}, {}, false)->state, ArtifactState::missing);
  EXPECT_EQ(releases_.pointer(production_).error().code, Code::not_found);
  EXPECT_TRUE(releases_.list(production_, 10)->empty());
  EXPECT_EQ(refused(to("v1", 1)).code, Code::not_found);
}

TEST_F(ReleasesTest, PublishesTheSameContentAgainAsSuccess) {
  const Digest first = published("v1");
  EXPECT_EQ(published("v1"), first);
}

TEST_F(ReleasesTest, RefusesOtherContentUnderTheSameVersion) {
  const Digest first = published("v1");
  source("v1", "rebuilt");
  const auto again = releases_.publish(production_, {"v1"}, directory_.path("source-v1"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::denied);
  EXPECT_EQ(releases_.check(production_, {"v1"}, first, true)->state, ArtifactState::present);
  EXPECT_EQ(names_in(directory_.path("production/releases"))->size(), 2U);
}

TEST_F(ReleasesTest, CompletesWhatAPublisherLeftWithoutManifest) {
  const Digest digest = published("v1");
  fs::remove(directory_.path("production/releases/v1.manifest"));
  EXPECT_EQ(releases_.check(production_, {"v1"}, {}, true)->state, ArtifactState::missing);
  EXPECT_EQ(published("v1"), digest);
  EXPECT_EQ(releases_.check(production_, {"v1"}, digest, true)->state, ArtifactState::present);
}

TEST_F(ReleasesTest, NeverTakesAHandMadeDirectoryForWhatItPublishes) {
  directory_.write(release("v1", "by-hand"), "mine");
  const auto digest = releases_.publish(production_, {"v1"}, directory_.path("source-v1"));
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::denied);
  EXPECT_TRUE(directory_.has(release("v1", "by-hand")));
}

TEST_F(ReleasesTest, RemovesWhatADeadPublisherLeftBehind) {
  directory_.write("production/releases/.incoming-00000000000000aa/half", "x");
  directory_.write("production/releases/.leaving-00000000000000bb/half", "x");
  published("v1");
  EXPECT_EQ(names_in(directory_.path("production/releases"))->size(), 2U);
}

TEST_F(ReleasesTest, LeavesTheWorkOfALivingPublisherAlone) {
  directory_.write("production/releases/.incoming-00000000000000aa/half", "x");
  const auto held =
      open_directory(directory_.path("production/releases/.incoming-00000000000000aa"));
  ASSERT_EQ(::flock(held->number(), LOCK_EX | LOCK_NB), 0);
  published("v1");
  EXPECT_TRUE(directory_.has("production/releases/.incoming-00000000000000aa/half"));
}

TEST_F(ReleasesTest, RefusesWhatNoReleaseMayHold) {
  const std::vector<std::pair<std::string, std::function<void(std::string)>>> cases{
      {"escape", [](auto base) { fs::create_symlink("../../../etc/passwd", base + "/escape"); }},
      {"absolute", [](auto base) { fs::create_symlink("/etc/passwd", base + "/absolute"); }},
      {"nowhere", [](auto base) { fs::create_symlink("gone", base + "/nowhere"); }},
      {"d/e/hop",
       [](auto base) {
         fs::create_directories(base + "/d/e");
         fs::create_symlink(".", base + "/d/e/self");
         fs::create_symlink("self/../../..", base + "/d/e/hop");
       }},
      {"pipe", [](auto base) { ASSERT_EQ(::mkfifo((base + "/pipe").c_str(), 0600), 0); }},
      {"socket",
       [](auto base) {
         sockaddr_un address{.sun_family = AF_UNIX};
         (base + "/socket").copy(address.sun_path, sizeof address.sun_path - 1);
         const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
         ASSERT_EQ(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                   0);
       }},
      {"a\\x0ab", [](auto base) { std::ofstream(base + "/a\nb") << "x"; }},
      {"back\\slash", [](auto base) { std::ofstream(base + "/back\\slash") << "x"; }},
      {"run", [](auto base) { ASSERT_EQ(::chmod((base + "/run").c_str(), 04755), 0); }},
  };
  for (const auto& [name, spoil] : cases) {
    fs::remove_all(directory_.path("source-v1"));
    source("v1", "one");
    spoil(directory_.path("source-v1"));
    const auto digest = releases_.publish(production_, {"v1"}, directory_.path("source-v1"));
    ASSERT_FALSE(digest) << name;
    EXPECT_EQ(digest.error().code, Code::invalid) << name;
    EXPECT_TRUE(names_in(directory_.path("production/releases"))->empty()) << name;
  }
}

TEST_F(ReleasesTest, RefusesAnEmptyReleaseAndItsOwnRoot) {
  directory_.make("nothing");
  EXPECT_EQ(releases_.publish(production_, {"v1"}, directory_.path("nothing")).error().code,
            Code::invalid);
  EXPECT_EQ(releases_.publish(production_, {"v1"}, directory_.path()).error().code, Code::invalid);
  EXPECT_EQ(releases_.publish(production_, {"v1"}, directory_.path("gone")).error().code,
            Code::not_found);
}

TEST_F(ReleasesTest, RefusesNamesThatWouldLeaveTheirPlace) {
  published("v1");
  for (const auto* name : {"../v1", "..", "", "a/b", "-rf", "v1.manifest", "a\nb"}) {
    EXPECT_EQ(releases_.publish(production_, {name}, directory_.path("source-v1")).error().code,
              Code::invalid)
        << name;
    EXPECT_EQ(refused(to(name, 1)).code, Code::invalid) << name;
  }
  EXPECT_EQ(releases_.stamp({"../production"}, 1).error().code, Code::invalid);
}

struct Tampering {
  const char* what;
  std::function<void(const std::string& release)> act;
  const char* named;
};

TEST_F(ReleasesTest, RefusesEveryKindOfTamperingBeforeTheSwitch) {
  const std::vector<Tampering> all{
      {"same size, other bytes",
       [](const std::string& at) { std::ofstream(at + "/VERSION") << "v3\n"; }, "VERSION"},
      {"truncated", [](const std::string& at) { fs::resize_file(at + "/app/main.py", 3); },
       "app/main.py"},
      {"missing", [](const std::string& at) { fs::remove(at + "/run"); }, "run"},
      {"extra file", [](const std::string& at) { std::ofstream(at + "/app/more.py") << "x"; },
       "app/more.py"},
      {"extra directory", [](const std::string& at) { fs::create_directory(at + "/cache"); },
       "cache"},
      {"no longer executable",
       [](const std::string& at) { fs::permissions(at + "/run", fs::perms(0644)); }, "run"},
      {"runs as its owner", [](const std::string& at) { ::chmod((at + "/run").c_str(), 04755); },
       "run"},
      {"a link instead of a file",
       [](const std::string& at) {
         fs::remove(at + "/VERSION");
         fs::create_symlink("/etc/hostname", at + "/VERSION");
       },
       "VERSION"},
      {"a pipe instead of a file",
       [](const std::string& at) {
         fs::remove(at + "/VERSION");
         ::mkfifo((at + "/VERSION").c_str(), 0600);
       },
       "VERSION"},
      {"manifest changed with matching files",
       [](const std::string& at) {
         std::ofstream(at + ".manifest", std::ios::app) << "d 0 - zzz\n";
         fs::create_directory(at + "/zzz");
       },
       "manifest"},
      {"manifest cut", [](const std::string& at) { fs::resize_file(at + ".manifest", 100); },
       "manifest"},
  };
  const Digest one = published("v1");
  for (const Tampering& tampering : all) {
    fs::remove_all(directory_.path("production/releases/v2"));
    fs::remove(directory_.path("production/releases/v2.manifest"));
    const Digest two = published("v2");
    must_switch(to("v1", pointer().operation + 1));
    tampering.act(directory_.path("production/releases/v2"));
    const std::uint64_t operation = pointer().operation;

    Switch change = to("v2", operation + 1);
    change.digest = two;
    const Error error = refused(change);
    EXPECT_EQ(error.code, Code::corrupt) << tampering.what;
    EXPECT_NE(error.message.find(tampering.named), std::string::npos) << error.message;
    EXPECT_EQ(pointer().version.text, "v1") << tampering.what;
    EXPECT_EQ(pointer().operation, operation) << tampering.what;
    EXPECT_EQ(releases_.check(production_, {"v2"}, two, true)->state, ArtifactState::altered);
  }
}

TEST_F(ReleasesTest, FindsAllButBytesWithoutReadingThem) {
  const Digest digest = published("v1");
  directory_.write(release("v1", "VERSION"), "v9\n");
  EXPECT_EQ(releases_.check(production_, {"v1"}, digest, false)->state, ArtifactState::present);
  EXPECT_EQ(releases_.check(production_, {"v1"}, digest, true)->state, ArtifactState::altered);
  directory_.write(release("v1", "VERSION"), "longer\n");
  EXPECT_EQ(releases_.check(production_, {"v1"}, digest, false)->state, ArtifactState::altered);
  EXPECT_EQ(releases_.check(production_, {"v1"}, {std::string(64, '0')}, false)->state,
            ArtifactState::altered);
}

TEST_F(ReleasesTest, SaysMissingWhenTheDirectoryIsGone) {
  const Digest digest = published("v1");
  fs::remove_all(directory_.path("production/releases/v1"));
  const ArtifactReport report = releases_.check(production_, {"v1"}, digest, true).value();
  EXPECT_EQ(report.state, ArtifactState::missing);
  EXPECT_NE(report.detail.find("v1"), std::string::npos);
}

TEST_F(ReleasesTest, RefusesNumbersThatAreNotNewer) {
  published("v1");
  published("v2");
  must_switch(to("v1", 5));
  for (const std::uint64_t old : {0U, 4U, 5U}) {
    EXPECT_EQ(refused(to("v2", old)).code, Code::conflict) << old;
  }
  EXPECT_EQ(pointer().version.text, "v1");
  must_switch(to("v2", 6));
}

TEST_F(ReleasesTest, TakesTheSameSwitchTwice) {
  published("v1");
  must_switch(to("v1", 5));
  must_switch(to("v1", 5));
  EXPECT_EQ(pointer().operation, 5U);
}

TEST_F(ReleasesTest, ABarrierKeepsOlderSwitchesOutAndChangesNothingElse) {
  published("v1");
  published("v2");
  must_switch(to("v1", 1));
  ASSERT_TRUE(releases_.stamp(production_, 7));
  const Pointer now = pointer();
  EXPECT_EQ(now.version.text, "v1");
  EXPECT_EQ(now.operation, 7U);
  EXPECT_TRUE(now.settled);
  EXPECT_EQ(refused(to("v2", 6)).code, Code::conflict);
  EXPECT_TRUE(releases_.stamp(production_, 7));
  EXPECT_EQ(releases_.stamp(production_, 6).error().code, Code::conflict);
}

TEST_F(ReleasesTest, AStampThatDiedBeforeTheSwitchLeavesTheOldReleaseUnderTheNewNumber) {
  published("v1");
  published("v2");
  must_switch(to("v1", 1));
  // Died after the first write of switch number 2.
  const auto live = LivePointer::open(directory_.path("production"));
  PointerStamp stamp = live->read_stamp().value();
  stamp.operation = 2;
  stamp.switched = 2;
  ASSERT_TRUE(live->write_stamp(stamp));
  EXPECT_EQ(pointer().version.text, "v1");
  EXPECT_EQ(pointer().operation, 2U);
  EXPECT_FALSE(pointer().settled) << "else number 2 would be taken for done";
  must_switch(to("v2", 3));
}

TEST_F(ReleasesTest, AMovedPointerWithoutItsSecondStampIsSeenAsNotSettled) {
  published("v1");
  const Digest two = published("v2");
  must_switch(to("v1", 1));
  // Died between the rename and the second write of switch number 2.
  const auto live = LivePointer::open(directory_.path("production"));
  PointerStamp stamp = live->read_stamp().value();
  stamp.operation = 2;
  stamp.switched = 2;
  ASSERT_TRUE(live->write_stamp(stamp));
  fs::remove(directory_.path("production/current"));
  fs::create_symlink("releases/v2", directory_.path("production/current"));
  fs::create_symlink("half", directory_.path("production/.current.new"));
  const Pointer now = pointer();
  EXPECT_EQ(now.version.text, "v2");
  EXPECT_EQ(now.digest, two);
  EXPECT_EQ(now.operation, 2U);
  EXPECT_FALSE(now.settled);
  must_switch(to("v2", 3));
  EXPECT_TRUE(pointer().settled);
}

TEST_F(ReleasesTest, ReportsAPointerThatLeadsToNoReleaseAsCorrupt) {
  published("v1");
  for (const auto* target : {"/etc", "releases/../../etc", "elsewhere/v1"}) {
    fs::remove(directory_.path("production/current"));
    fs::create_symlink(target, directory_.path("production/current"));
    EXPECT_EQ(releases_.pointer(production_).error().code, Code::corrupt) << target;
  }
  fs::remove(directory_.path("production/current"));
  directory_.make("production/current");
  EXPECT_EQ(releases_.pointer(production_).error().code, Code::corrupt);
  EXPECT_EQ(refused(to("v1", 1)).code, Code::corrupt);
}

TEST_F(ReleasesTest, DecidesNothingFromADamagedStamp) {
  published("v1");
  must_switch(to("v1", 1));
  for (const auto* text : {"", "{", "{\"version\":\"v1\"}",
                           "{\"version\":\"v1\",\"digest\":\"\",\"operation\":-1,\"switched\":0,"
                           "\"settled\":0}"}) {
    directory_.write("production/current.stamp", text);
    EXPECT_EQ(releases_.pointer(production_).error().code, Code::corrupt) << text;
    EXPECT_EQ(refused(to("v1", 9)).code, Code::corrupt) << text;
    EXPECT_EQ(releases_.stamp(production_, 9).error().code, Code::corrupt) << text;
  }
}

TEST_F(ReleasesTest, OfTwoSwitchesAtOnceTheNewerNumberStays) {
  published("v1");
  published("v2");
  for (std::uint64_t round = 1; round <= 20; ++round) {
    Result<std::string> older;
    Result<std::string> newer;
    {
      const std::jthread first([&] { older = releases_.switch_to(to("v1", 2 * round)); });
      const std::jthread second([&] { newer = releases_.switch_to(to("v2", 2 * round + 1)); });
    }
    ASSERT_TRUE(newer) << newer.error().message;
    if (!older) {
      EXPECT_EQ(older.error().code, Code::conflict) << older.error().message;
    }
    EXPECT_EQ(pointer().version.text, "v2");
    EXPECT_EQ(pointer().operation, 2 * round + 1);
  }
}

TEST_F(ReleasesTest, OfTwoSwitchesUnderOneNumberOneWins) {
  published("v1");
  published("v2");
  Result<std::string> one;
  Result<std::string> two;
  {
    const std::jthread first([&] { one = releases_.switch_to(to("v1", 3)); });
    const std::jthread second([&] { two = releases_.switch_to(to("v2", 3)); });
  }
  EXPECT_NE(one.has_value(), two.has_value());
  EXPECT_EQ(pointer().version.text, one ? "v1" : "v2");
}

TEST_F(ReleasesTest, IsUnavailableWhileSomebodyElseHoldsTheLock) {
  published("v1");
  const auto lock = FileLock::take(directory_.path("production/current.lock"));
  ASSERT_TRUE(lock);
  EXPECT_EQ(releases_.stamp(production_, 1).error().code, Code::unavailable);
}

TEST_F(ReleasesTest, HandlesTenThousandFiles) {
  for (int file = 0; file < 10'000; ++file) {
    directory_.write("source-v3/part-" + std::to_string(file % 100) + "/" + std::to_string(file),
                     std::to_string(file));
  }
  const Digest digest = published("v3");
  EXPECT_EQ(releases_.check(production_, {"v3"}, digest, true)->files, 10'000);
  must_switch(to("v3", 1));
  directory_.write(release("v3", "part-77/9977"), "9978");
  const Error error = refused(to("v3", 2));
  EXPECT_NE(error.message.find("part-77/9977"), std::string::npos) << error.message;
}

TEST_F(ReleasesTest, PrunesAllButTheKeptAndTheLive) {
  source("v3", "three");
  source("v4", "four");
  for (const auto* version : {"v1", "v2", "v3", "v4"}) published(version);
  must_switch(to("v2", 1));
  EXPECT_EQ(releases_.prune(production_, {{"v4"}}).value(), 2);
  EXPECT_EQ(names_in(directory_.path("production/releases")).value(),
            (std::vector<std::string>{"v2", "v2.manifest", "v4", "v4.manifest"}));
  EXPECT_EQ(releases_.check(production_, {"v1"}, {}, false)->state, ArtifactState::missing);
}

TEST_F(ReleasesTest, ListsWhatIsThereTheNewestFirst) {
  const Digest one = published("v1");
  published("v2");
  fs::last_write_time(directory_.path("production/releases/v1.manifest"),
                      fs::file_time_type::clock::now() - hours(1));
  const auto list = releases_.list(production_, 10).value();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].version.text, "v2");
  EXPECT_EQ(list[1].digest, one);
  EXPECT_EQ(list[1].files, 3);
}

// --- what follows the switch --------------------------------------------------------------------

}  // namespace
}  // namespace stepback::local
