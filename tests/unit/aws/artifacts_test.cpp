// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/artifacts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "adapters/aws/live_version.hpp"
#include "base/digest.hpp"
#include "support/pretend_s3_account.hpp"
#include "support/scratch.hpp"

namespace stepback::aws {
namespace {

using testing::PretendS3;
using testing::PretendS3Account;
using testing::Scratch;
using Fault = PretendS3::Fault;

const Environment production{"production"};
const Version v1{"v1"};
const Version v2{"v2"};
const std::string source = "kiro-pipeline-production-artifacts";
const std::string target = "kiro-worker-production-artifacts";
const std::string pointer_key = "current-version.txt";

class S3ArtifactsTest : public ::testing::Test {
 protected:
  S3ArtifactsTest() {
    place.environment = production;
    place.source_bucket = "kiro-pipeline-{environment}-artifacts";
    place.target_bucket = "kiro-worker-{environment}-artifacts";
    make();
  }
  void make() {
    auto made = S3Artifacts::make({place}, pretend.s3, pretend.clock, pretend.clock);
    ASSERT_TRUE(made) << made.error().message;
    artifacts = *std::move(made);
  }
  void write(const std::string& path, const std::string& text) {
    const auto file = scratch.path() / "dist" / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  Digest publish(const Version& version, int files = 3) {
    std::filesystem::remove_all(scratch.path() / "dist");
    write("app.js", "app of " + version.text);
    write("a b/ü+%.txt", "odd name of " + version.text);
    write("same.txt", "the same in all");
    for (int i = 3; i < files; ++i)
      write("many/" + std::to_string(i), version.text + std::to_string(i));
    const auto digest = artifacts->publish(production, version, scratch.file("dist"));
    EXPECT_TRUE(digest) << digest.error().message;
    return digest ? *digest : Digest{};
  }
  Switch to(const Version& version, const Digest& digest, std::uint64_t operation) {
    return {.environment = production,
            .version = version,
            .digest = digest,
            .operation = operation,
            .key = "k",
            .limit = {}};
  }
  // The target holds this release to the byte, and the pointer beside it.
  void expect_live(const Version& version) {
    std::vector<std::string> wanted{pointer_key};
    for (const auto& key : store.keys(source)) {
      if (!key.starts_with(version.text + "/")) continue;
      const auto path = key.substr(version.text.size() + 1);
      wanted.push_back(path);
      EXPECT_EQ(store.at(target, path).bytes, store.at(source, key).bytes) << path;
    }
    std::ranges::sort(wanted);
    EXPECT_EQ(store.keys(target), wanted);
    const auto pointer = artifacts->pointer(production);
    ASSERT_TRUE(pointer);
    EXPECT_EQ(pointer->version, version);
    EXPECT_TRUE(pointer->settled);
  }
  Code refusal(const Switch& change) {
    const auto done = artifacts->switch_to(change);
    EXPECT_FALSE(done);
    return done ? Code::internal : done.error().code;
  }

  Scratch scratch;
  PretendS3Account pretend;
  PretendS3& store = pretend.store;
  ReleasePlace place;
  std::unique_ptr<S3Artifacts> artifacts;
};

TEST_F(S3ArtifactsTest, TheManifestIsPublishedLastAndItsHashIsTheDigest) {
  bool files_were_there = false;
  store.before = [&](const http::Call& call) {
    if (call.method == http::Method::put && call.url.target.ends_with(".manifest"))
      files_were_there = store.keys(source).size() == 4;  // and their ETags
  };
  const auto digest = publish(v1);
  EXPECT_TRUE(files_were_there);
  EXPECT_EQ(digest.hex, sha256_hex(store.at(source, ".stepback/v1.manifest").bytes));
}

TEST_F(S3ArtifactsTest, PeopleAreToldWhereAReleaseLies) {
  EXPECT_EQ(artifacts->location(production, v1), "s3://" + source + "/v1/");
}

TEST_F(S3ArtifactsTest, ThePublishedContentAgainIsSuccessAndSendsNoFileAgain) {
  const auto digest = publish(v1);
  const int puts = store.count("PUT", "/v1/");
  EXPECT_EQ(publish(v1), digest);
  EXPECT_EQ(store.count("PUT", "/v1/"), puts);
}

TEST_F(S3ArtifactsTest, OtherContentUnderAPublishedVersionIsDenied) {
  publish(v1);
  write("app.js", "others");
  const auto again = artifacts->publish(production, v1, scratch.file("dist"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::denied);
  EXPECT_EQ(store.at(source, "v1/app.js").bytes, "app of v1");
}

TEST_F(S3ArtifactsTest, FilesOfAPublisherThatDiedAreNotReplacedByOthers) {
  store.put(source, "v1/app.js", {.bytes = "app of v9"});
  write("app.js", "app of v1");
  const auto published = artifacts->publish(production, v1, scratch.file("dist"));
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, Code::denied);
  EXPECT_FALSE(store.has(source, ".stepback/v1.manifest"));
}

TEST_F(S3ArtifactsTest, WhatWasSyncedBeforeIsTakenAsItIsAndGivenAChecksum) {
  store.put(source, "v1/app.js", {.bytes = "app of v1"});
  publish(v1);
  EXPECT_FALSE(store.at(source, "v1/app.js").sha256.empty());
}

TEST_F(S3ArtifactsTest, ALinkIsRefusedByName) {
  write("app.js", "x");
  std::filesystem::create_symlink("app.js", scratch.path() / "dist" / "link");
  const auto published = artifacts->publish(production, v1, scratch.file("dist"));
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, Code::invalid);
  EXPECT_TRUE(published.error().message.contains("\"link\""));
}

TEST_F(S3ArtifactsTest, PresentMeansEveryFileInItsSize) {
  const auto digest = publish(v1);
  const auto report = artifacts->check(production, v1, digest, true);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->state, ArtifactState::present) << report->detail;
  EXPECT_EQ(report->files, 3);
}

TEST_F(S3ArtifactsTest, AnotherManifestIsAnAlteredRelease) {
  publish(v1);
  const auto report = artifacts->check(production, v1, {std::string(64, 'a')}, false);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->state, ArtifactState::altered);
}

TEST_F(S3ArtifactsTest, OneChangedByteOfTheSameSizeIsFoundByAThoroughLook) {
  const auto digest = publish(v1);
  store.put(source, "v1/app.js", {.bytes = "app of vX", .sha256 = ""});
  const auto report = artifacts->check(production, v1, digest, true);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->state, ArtifactState::altered);
  EXPECT_TRUE(report->detail.contains("app.js")) << report->detail;
}

TEST_F(S3ArtifactsTest, NeverThereDeletedAndExpiredAreToldApart) {
  const auto digest = publish(v1);
  const auto detail = [&] { return artifacts->check(production, v1, digest, false)->detail; };
  EXPECT_TRUE(artifacts->check(production, v2, {}, false)->detail.contains("never published"));
  store.remove(source, "v1/app.js");
  EXPECT_TRUE(detail().contains("--version-id m1")) << detail();
  store.drop(source, "v1/app.js");
  store.remove(source, "v1/app.js");
  EXPECT_TRUE(detail().contains("expired")) << detail();
  EXPECT_EQ(artifacts->check(production, v1, digest, false)->state, ArtifactState::missing);
}

TEST_F(S3ArtifactsTest, AnArchivedFileCannotBeRead) {
  const auto digest = publish(v1);
  auto file = store.at(source, "v1/app.js");
  file.storage_class = "GLACIER";
  store.put(source, "v1/app.js", file);
  const auto report = artifacts->check(production, v1, digest, false);
  EXPECT_EQ(report->state, ArtifactState::unreadable);
  EXPECT_TRUE(report->detail.contains("restore-object"));
}

TEST_F(S3ArtifactsTest, WhatIsDeniedSaysWhichRightIsMissing) {
  const auto digest = publish(v1);
  store.plan({.fault = Fault::denied, .method = "GET", .contains = ".manifest"});
  const auto report = artifacts->check(production, v1, digest, false);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->state, ArtifactState::unreadable);
  EXPECT_TRUE(report->detail.contains("s3:GetObject")) << report->detail;
}

TEST_F(S3ArtifactsTest, ASwitchMakesTheTargetTheReleaseToTheByte) {
  const auto first = publish(v1);
  const auto second = publish(v2, 40);
  ASSERT_TRUE(artifacts->switch_to(to(v2, second, 1)));
  expect_live(v2);
  const auto done = artifacts->switch_to(to(v1, first, 2));
  ASSERT_TRUE(done) << done.error().message;
  expect_live(v1);
  EXPECT_EQ(artifacts->pointer(production)->operation, 2u);
  EXPECT_EQ(artifacts->pointer(production)->digest, first);
}

TEST_F(S3ArtifactsTest, OnlyWhatDiffersIsCopied) {
  const auto first = publish(v1);
  const auto second = publish(v2);
  ASSERT_TRUE(artifacts->switch_to(to(v2, second, 1)));
  const int before = store.count("PUT", "/same.txt");
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 2)));
  EXPECT_EQ(store.count("PUT", "/" + target + "/same.txt"), 1);
  EXPECT_EQ(store.count("PUT", "/same.txt"), before);
}

TEST_F(S3ArtifactsTest, NoFileIsLookedAtWhoseETagWasRecorded) {
  const auto first = publish(v1);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  EXPECT_EQ(store.count("HEAD", "/v1/"), 0);
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, EachFileIsLookedAtWhereNoETagsOfTheReleaseAreRecorded) {
  const auto first = publish(v1);
  publish(v2);
  const std::string etags = ".stepback/v1.manifest.etags";
  store.put(source, etags, store.at(source, ".stepback/v2.manifest.etags"));
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  EXPECT_EQ(store.count("HEAD", "/v1/"), 3);
  store.drop(source, etags);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 2)));
  EXPECT_EQ(store.count("HEAD", "/v1/"), 6);
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, WhatAnOlderSwitchStillWroteIsFoundAndPutRight) {
  const auto first = publish(v1);
  const auto second = publish(v2);
  store.plan({.fault = Fault::denied, .method = "PUT", .contains = target + "/app.js"});
  ASSERT_FALSE(artifacts->switch_to(to(v2, second, 1)));  // it stopped half-way
  int lists = 0;
  store.before = [&](const http::Call& call) {
    const bool is_list =
        call.method == http::Method::get && call.url.target.starts_with("/" + target + "?");
    if (!is_list || ++lists != 2) return;
    store.put(target, "same.txt", {.bytes = "a late copy"});
    store.put(target, "late.js", {.bytes = "x"});
  };
  const auto done = artifacts->switch_to(to(v1, first, 2));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(lists, 3);
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, AnOlderSwitchIsWaitedForThoughNothingDiffersYet) {
  const auto first = publish(v1);
  const auto second = publish(v2);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  store.plan({.fault = Fault::denied, .method = "PUT", .contains = "/app.js", .times = 9});
  store.plan({.fault = Fault::denied, .method = "PUT", .contains = "/a%20b", .times = 9});
  ASSERT_FALSE(artifacts->switch_to(to(v2, second, 2)));  // it had only begun
  const auto begun = pretend.clock.steady();
  bool is_late = false;
  store.before = [&](const http::Call& call) {
    const bool is_list =
        call.method == http::Method::get && call.url.target.starts_with("/" + target + "?");
    if (!is_list || is_late || pretend.clock.steady() < begun + seconds(5)) return;
    is_late = true;
    store.put(target, "late.js", {.bytes = "a late copy"});
  };
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 3)));
  EXPECT_TRUE(is_late);
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, WorksOnWhatAwsSyncLeft) {
  const auto first = publish(v1);
  store.put(target, "app.js", {.bytes = "app of v7"});
  store.put(target, "left over.js", {.bytes = "x"});
  store.put(target, pointer_key, {.bytes = "v7\n"});
  const auto before = artifacts->pointer(production);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->version.text, "v7");
  EXPECT_EQ(before->operation, 0u);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 3)));
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, ExtrasStayWhenTheyAreToStay) {
  place.remove_extras = false;
  make();
  const auto first = publish(v1);
  store.put(target, "theirs.js", {.bytes = "x"});
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 3)));
  EXPECT_TRUE(store.has(target, "theirs.js"));
}

TEST_F(S3ArtifactsTest, ARefusedReleaseTouchesNothing) {
  const auto second = publish(v2);
  const auto first = publish(v1);
  ASSERT_TRUE(artifacts->switch_to(to(v2, second, 1)));
  store.put(source, "v1/app.js", {.bytes = "app of vX"});
  const int puts = store.count("PUT", "/" + target);
  EXPECT_EQ(refusal(to(v1, first, 2)), Code::corrupt);
  EXPECT_EQ(store.count("PUT", "/" + target), puts);
  expect_live(v2);
}

TEST_F(S3ArtifactsTest, ACopyWithOtherBytesNeverBecomesLive) {
  const auto first = publish(v1);
  store.plan({.fault = Fault::wrong_bytes, .method = "PUT", .contains = target + "/app.js"});
  EXPECT_EQ(refusal(to(v1, first, 1)), Code::corrupt);
  EXPECT_TRUE(artifacts->pointer(production)->version.empty());
  EXPECT_FALSE(artifacts->pointer(production)->settled);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, AStoreThatTellsNoChecksumOfACopyIsAskedForIt) {
  store.knows_checksums = false;
  const auto first = publish(v1);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, AnOlderNumberComesTooLate) {
  const auto first = publish(v1);
  ASSERT_TRUE(artifacts->stamp(production, 9));
  EXPECT_EQ(refusal(to(v1, first, 8)), Code::conflict);
  EXPECT_EQ(artifacts->stamp(production, 8).error().code, Code::conflict);
  EXPECT_TRUE(artifacts->stamp(production, 9));
  EXPECT_EQ(artifacts->pointer(production)->operation, 9u);
}

TEST_F(S3ArtifactsTest, AStampKeepsTheVersionAndIsSeenByWhoeverReadBefore) {
  const auto first = publish(v1);
  const auto second = publish(v2);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  bool stamped = false;
  // Another one raises the number while this switch is copying.
  store.before = [&](const http::Call& call) {
    if (stamped || !call.headers.find("x-amz-copy-source")) return;
    stamped = true;
    ASSERT_TRUE(artifacts->stamp(production, 5));
  };
  EXPECT_EQ(refusal(to(v2, second, 4)), Code::conflict);
  EXPECT_EQ(artifacts->pointer(production)->version, v1);
  EXPECT_EQ(artifacts->pointer(production)->operation, 5u);
}

TEST_F(S3ArtifactsTest, ALostReplyOfThePointerIsLookedUp) {
  const auto first = publish(v1);
  store.plan({.fault = Fault::lost_reply, .method = "PUT", .contains = pointer_key, .times = 2});
  const auto done = artifacts->switch_to(to(v1, first, 1));
  ASSERT_TRUE(done) << done.error().message;
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, APointerThatSomebodyMovedByHandMeanwhileIsWrittenOver) {
  const auto first = publish(v1);
  bool moved = false;
  store.before = [&](const http::Call& call) {
    if (moved || !call.headers.find("x-amz-copy-source")) return;
    moved = true;
    store.put(target, pointer_key, {.bytes = "v6"});
  };
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, TheSameSwitchTwiceDoesNothingTheSecondTime) {
  const auto first = publish(v1);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  const int puts = store.count("PUT", "");
  const auto again = artifacts->switch_to(to(v1, first, 1));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->contains("already before"));
  EXPECT_EQ(store.count("PUT", ""), puts);
  EXPECT_EQ(refusal(to(v2, publish(v2), 1)), Code::conflict);
}

TEST_F(S3ArtifactsTest, ACopyThatStopsHalfWayIsCarriedOnAndNotRepeated) {
  const auto first = publish(v1, 300);
  store.plan({.fault = Fault::denied, .method = "PUT", .contains = target + "/many", .skip = 150});
  EXPECT_EQ(refusal(to(v1, first, 1)), Code::denied);
  EXPECT_FALSE(artifacts->pointer(production)->settled);
  const int copied = store.count("PUT", target + "/many");
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  expect_live(v1);
  EXPECT_EQ(store.count("PUT", target + "/many"), 297 + 1) << copied;
}

TEST_F(S3ArtifactsTest, ErrorsBehindA200AreTriedAgain) {
  const auto first = publish(v1);
  store.plan({.fault = Fault::late_error, .method = "PUT", .contains = target + "/app.js"});
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, HoldsThroughFaultsOfManySeeds) {
  const auto first = publish(v1, 60);
  const auto second = publish(v2, 30);
  std::uint64_t operation = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    store.fail_by_chance(seed, 80);
    const bool is_first = seed % 2 == 1;
    const auto change = to(is_first ? v1 : v2, is_first ? first : second, ++operation);
    for (int tries = 0; tries < 20; ++tries) {
      const auto done = artifacts->switch_to(change);
      if (done) break;
      ASSERT_TRUE(is_retriable(done.error().code)) << done.error().message;
    }
    store.fail_by_chance(seed, 0);
    expect_live(is_first ? v1 : v2);
  }
}

TEST_F(S3ArtifactsTest, WhatFollowsTheSwitchIsAskedForAgainUntilItEnded) {
  int calls = 0;
  place.after_switch = [&](const Switch&) -> Result<std::string> {
    if (++calls == 1) return fail(Code::unavailable, "the alias is busy");
    return std::string("alias moved");
  };
  make();
  const auto first = publish(v1);
  EXPECT_EQ(refusal(to(v1, first, 1)), Code::unavailable);
  EXPECT_EQ(artifacts->pointer(production)->version, v1);
  EXPECT_FALSE(artifacts->pointer(production)->settled);
  const int copies = store.count("PUT", target + "/app.js");
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  EXPECT_TRUE(artifacts->pointer(production)->settled);
  EXPECT_EQ(store.count("PUT", target + "/app.js"), copies);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  EXPECT_EQ(calls, 2);
}

TEST_F(S3ArtifactsTest, ATargetThatTakesInItsSourceIsRefused) {
  place.target_bucket = place.source_bucket;
  const auto made = S3Artifacts::make({place}, pretend.s3, pretend.clock, pretend.clock);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::invalid);
  place.source_prefix = "releases/{version}/";
  place.target_prefix = "live/";
  EXPECT_TRUE(S3Artifacts::make({place}, pretend.s3, pretend.clock, pretend.clock));
}

TEST_F(S3ArtifactsTest, LongListsAreReadToTheirEnd) {
  store.page = 7;
  const auto first = publish(v1, 50);
  for (int i = 0; i < 20; ++i) store.put(target, "old/" + std::to_string(i), {.bytes = "x"});
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  expect_live(v1);
}

TEST_F(S3ArtifactsTest, TheLiveVersionSaysHowItIsKnown) {
  const auto first = publish(v1);
  ASSERT_TRUE(artifacts->switch_to(to(v1, first, 1)));
  S3LiveVersion live(*artifacts, pretend.clock);
  auto seen = live.read(production);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->seen);
  EXPECT_EQ(seen->version, v1);
  EXPECT_TRUE(seen->detail.contains("not by the service itself")) << seen->detail;
  for (const auto* path : {"app.js", "same.txt", "a b/ü+%.txt"})
    store.put(target, path, {.bytes = "changed"});
  seen = live.read(production);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->seen);
}

}  // namespace
}  // namespace stepback::aws
