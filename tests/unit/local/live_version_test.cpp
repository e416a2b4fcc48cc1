// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/live_version.hpp"

#include <gtest/gtest.h>

#include "unit/local/fixtures.hpp"
#include "unit/local/peers.hpp"

namespace stepback::local {
namespace {

const Environment production{"production"};

// Artifacts whose pointer is what the test says.
class PointedAt final : public Artifacts {
 public:
  Result<Pointer> written = Pointer{.version = {"v9"}, .operation = 7, .settled = true};

  Result<ArtifactReport> check(const Environment&, const Version&, const Digest&, bool) override {
    return ArtifactReport{};
  }
  Result<Pointer> pointer(const Environment&) override { return written; }
  Result<> stamp(const Environment&, std::uint64_t) override { return {}; }
  Result<std::string> switch_to(const Switch&) override { return std::string(); }
};

class LiveVersionOfAService : public ::testing::Test {
 protected:
  VersionSeen see(VersionSource source) {
    source.environment = production;
    LiveVersions versions({{std::move(source)}}, artifacts_, clock_);
    const auto seen = versions.read(production);
    EXPECT_TRUE(seen) << seen.error().message;
    return *seen;
  }
  std::string complaint(const std::string& body, const std::string& digest_pointer = "") {
    const http::RawPeer peer(answering(200, body));
    const VersionSeen seen = see({.url = url_of(peer), .digest_pointer = digest_pointer});
    EXPECT_FALSE(seen.seen) << seen.detail;
    EXPECT_EQ(seen.version, Version{});
    return seen.detail;
  }
  HandClock clock_;
  PointedAt artifacts_;
};

TEST_F(LiveVersionOfAService, IsWhatItAnswersNotWhatThePointerSays) {
  const std::string digest(64, 'a');
  const http::RawPeer peer(
      answering(200, R"({"build":{"version":"v2","digest":")" + digest + "\"}}"));
  const VersionSeen seen = see({.url = url_of(peer),
                                .version_pointer = "/build/version",
                                .digest_pointer = "/build/digest"});
  EXPECT_TRUE(seen.seen) << seen.detail;
  EXPECT_EQ(seen.version, Version{"v2"});
  EXPECT_EQ(seen.digest, Digest{digest});
  EXPECT_EQ(seen.operation, 7u);
}

TEST_F(LiveVersionOfAService, IsTheFirstLineThatACommandPrints) {
  const VersionSeen seen =
      see({.command = {"/usr/bin/python3", "-S", "-c",
                       "import sys; print(sys.argv[1] + '-3\\nmore'); sys.stderr.write('x')",
                       "{environment}"}});
  EXPECT_TRUE(seen.seen) << seen.detail;
  EXPECT_EQ(seen.version, Version{"production-3"});
}

TEST_F(LiveVersionOfAService, IsNotSeenWhenTheCommandFailsOrSaysNothing) {
  EXPECT_FALSE(see({.command = {"/bin/false"}}).seen);
  EXPECT_EQ(see({.command = {"/bin/true"}}).detail, "the version command printed nothing");
}

TEST_F(LiveVersionOfAService, SaysThatNobodyButThePointerWasAsked) {
  const VersionSeen seen = see({});
  EXPECT_TRUE(seen.seen);
  EXPECT_EQ(seen.version, Version{"v9"});
  EXPECT_TRUE(seen.detail.contains("by the pointer only"));
  artifacts_.written->settled = false;
  EXPECT_FALSE(see({}).seen);
}

TEST_F(LiveVersionOfAService, IsNotSeenInAnAnswerThatDoesNotSayIt) {
  EXPECT_TRUE(complaint("v2").starts_with("the answer is not JSON"));
  EXPECT_EQ(complaint("{}"), "the answer has nothing at /version");
  EXPECT_EQ(complaint(R"({"version":2})"), "the answer has no text at /version");
  EXPECT_EQ(complaint(R"({"version":"../v2"})"), "it says \"../v2\", which is not a version");
  EXPECT_EQ(complaint(R"({"version":"v2","digest":"abc"})", "/digest"),
            "it says \"abc\", which is not a digest");
}

TEST_F(LiveVersionOfAService, IsNotSeenWhereNobodyAnswers) {
  const NobodyThere nobody;
  EXPECT_TRUE(see({.url = nobody.url()}).detail.ends_with("connection refused"));
  const http::RawPeer moved(answering(301));
  EXPECT_TRUE(see({.url = url_of(moved)}).detail.ends_with("status 301"));
  const http::RawPeer dripping(drip);
  EXPECT_TRUE(see({.url = url_of(dripping), .timeout = Duration(200)})
                  .detail.contains("timed out after 200ms"));
}

TEST_F(LiveVersionOfAService, PassesOnThatThePointerCannotBeRead) {
  artifacts_.written = fail(Code::corrupt, "the stamp is damaged");
  LiveVersions versions({}, artifacts_, clock_);
  EXPECT_EQ(versions.read(production).error().code, Code::corrupt);
}

}  // namespace
}  // namespace stepback::local
