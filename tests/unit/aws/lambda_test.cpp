// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/lambda.hpp"

#include <gtest/gtest.h>

#include "unit/aws/delivery_fixture.hpp"

namespace stepback::aws {
namespace {

const std::string base = "/2015-03-31/functions/kiro-worker-test-poller";
const std::string list_versions = "GET " + base + "/versions?MaxItems=50";
const std::string publish_version = "POST " + base + "/versions";
const std::string get_alias = "GET " + base + "/aliases/live";
const std::string put_alias = "PUT " + base + "/aliases/live";
const std::string get_function = "GET " + base + "/configuration";
const std::string put_code = "PUT " + base + "/code";

std::string version(const std::string& number, const std::string& description,
                    const std::string& code = "c") {
  return R"({"Version":")" + number + R"(","Description":")" + description + R"(","CodeSha256":")" +
         code + R"(","RevisionId":"r-)" + number + R"(","LastUpdateStatus":"Successful"})";
}
std::string versions(const std::string& list) { return R"({"Versions":[)" + list + "]}"; }
std::string alias(const std::string& number, const std::string& description,
                  const std::string& more = "") {
  return R"({"Name":"live","FunctionVersion":")" + number + R"(","Description":")" + description +
         R"(","RevisionId":"a-1")" + more + "}";
}
std::string function(const std::string& code, const std::string& status) {
  return R"({"Version":"$LATEST","Description":"","CodeSha256":")" + code +
         R"(","RevisionId":"r-9","LastUpdateStatus":")" + status +
         R"(","LastUpdateStatusReason":"no such image"})";
}

class Lambda : public DeliveryTest {
 protected:
  Lambda() : DeliveryTest(FunctionVersions::dialect) {}

  const Environment test{"test"};
  const Switch change{.environment = {"test"},
                      .version = {"v41"},
                      .digest = {},
                      .operation = 7,
                      .key = "rb-1/stage/test/application/7"};
  FunctionVersions functions{{{.environment = {"test"}}}, *service};
  FunctionVersions by_code{{{.environment = {"test"}, .alias = ""}}, *service};
};

TEST_F(Lambda, PointsTheAliasAtTheReleasesVersionUnderOurNumber) {
  says(list_versions,
       versions(version("$LATEST", "v41") + "," + version("6", "v41") + "," + version("7", "v42")));
  says(get_alias, alias("7", "v42, Stepback operation 6"));
  says(get_alias, alias("6", "v41, Stepback operation 7"));
  says(put_alias, "{}");
  const auto progress = functions.make_live(change);
  ASSERT_TRUE(progress) << progress.error().message;
  EXPECT_EQ(*progress, Progress::done);
  const auto sent = body(put_alias);
  EXPECT_NE(sent.find(R"("FunctionVersion":"6")"), std::string::npos) << sent;
  EXPECT_NE(sent.find(R"("RevisionId":"a-1")"), std::string::npos);
  EXPECT_NE(sent.find(R"("Description":"v41, Stepback operation 7")"), std::string::npos);
  EXPECT_NE(sent.find(R"("RoutingConfig":{"AdditionalVersionWeights":{}})"), std::string::npos);
}

TEST_F(Lambda, TheRightVersionUnderAnOlderNumberIsWrittenAnew) {
  says(list_versions, versions(version("6", "v41")));
  says(get_alias, alias("6", "v41, Stepback operation 6"));
  says(get_alias, alias("6", "v41, Stepback operation 7"));
  says(put_alias, "{}");
  EXPECT_EQ(functions.make_live(change).value(), Progress::done);
  EXPECT_EQ(times(put_alias), 1u);
}

TEST_F(Lambda, DoneUnderOurNumberIsNotDoneAgain) {
  says(list_versions, versions(version("6", "v41")));
  says(get_alias, alias("6", "v41, Stepback operation 7"));
  EXPECT_EQ(functions.make_live(change).value(), Progress::done);
  EXPECT_EQ(times(put_alias), 0u);
}

TEST_F(Lambda, AHigherNumberTurnsUsBack) {
  says(list_versions, versions(version("6", "v41")));
  says(get_alias, alias("7", "v42, Stepback operation 8"));
  const auto progress = functions.make_live(change);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, Code::conflict);
  EXPECT_EQ(times(put_alias), 0u);
}

TEST_F(Lambda, ALostRaceIsLookedAtAgainAndNotForEver) {
  says(list_versions, versions(version("6", "v41")));
  says(get_alias, alias("7", "somebody"));
  refuses(put_alias, "PreconditionFailedException", 412);
  EXPECT_EQ(functions.make_live(change).value(), Progress::under_way);
  EXPECT_EQ(times(put_alias), 3u);
}

TEST_F(Lambda, AnAliasThatIsSharedIsNotDone) {
  says(list_versions, versions(version("6", "v41")));
  says(get_alias, alias("6", "v41, Stepback operation 7",
                        R"(,"RoutingConfig":{"AdditionalVersionWeights":{"7":0.1}})"));
  says(get_alias, alias("6", "v41, Stepback operation 7"));
  says(put_alias, "{}");
  EXPECT_EQ(functions.make_live(change).value(), Progress::done);
  EXPECT_EQ(times(put_alias), 1u);
}

TEST_F(Lambda, AReleaseThatWasNotPublishedIsNamed) {
  says(list_versions, versions(version("7", "v42")));
  const auto progress = functions.make_live(change);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, Code::not_found);
  EXPECT_NE(progress.error().message.find("v41"), std::string::npos);
}

TEST_F(Lambda, VersionsAreSearchedOnAllPages) {
  says(list_versions, R"({"Versions":[],"NextMarker":"a b"})");
  says("GET " + base + "/versions?Marker=a%20b&MaxItems=50", versions(version("6", "v41")));
  const auto found = functions.find(test, {"v41"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, "6");
}

TEST_F(Lambda, TheNewestVersionOfAReleaseCounts) {
  says(list_versions,
       versions(version("9", "v41") + "," + version("10", "v41") + "," + version("8", "v41")));
  EXPECT_EQ(functions.find(test, {"v41"}).value().number, "10");
}

TEST_F(Lambda, PublishesWithTheVersionAsDescription) {
  says(list_versions, versions(""));
  says(get_function, function("c", "Successful"));
  says(publish_version, version("8", "v41", "c"), 201);
  const auto published = functions.publish(test, {"v41"});
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->number, "8");
  EXPECT_EQ(published->code, "c");
  EXPECT_NE(body(publish_version).find(R"("Description":"v41","CodeSha256":"c")"),
            std::string::npos);
}

TEST_F(Lambda, WhatIsPublishedIsNotPublishedAgain) {
  says(list_versions, versions(version("8", "v41")));
  EXPECT_EQ(functions.publish(test, {"v41"}).value().number, "8");
  EXPECT_EQ(log.size(), 1u);
}

TEST_F(Lambda, UnchangedCodeIsDescribedAnewSoThatItCanBePublished) {
  says(list_versions, versions(version("7", "v40")));
  says(get_function, function("c", "Successful"));
  says(publish_version, version("7", "v40"), 201);
  says("PUT " + base + "/configuration", "{}");
  const auto published = functions.publish(test, {"v41"});
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, Code::unavailable);
  EXPECT_NE(body("PUT " + base + "/configuration").find(R"("Description":"v41")"),
            std::string::npos);
}

TEST_F(Lambda, NothingIsPublishedWhileAnUpdateRuns) {
  says(list_versions, versions(""));
  says(get_function, function("c", "InProgress"));
  const auto published = functions.publish(test, {"v41"});
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, Code::unavailable);
}

TEST_F(Lambda, APublishWhoseAnswerWasLostIsFound) {
  says(list_versions, versions(""));
  says(list_versions, versions(version("8", "v41")));
  says(get_function, function("c", "Successful"));
  refuses(publish_version, "PreconditionFailedException", 412);
  EXPECT_EQ(functions.publish(test, {"v41"}).value().number, "8");
}

TEST_F(Lambda, ReplacesTheCodeAndLooksUntilItIsThere) {
  says(get_function, function("old", "Successful"));
  says(get_function, function("new", "InProgress"));
  says(get_function, function("new", "Successful"));
  says(put_code, function("new", "InProgress"));
  EXPECT_EQ(by_code.make_live(change).value(), Progress::under_way);
  EXPECT_EQ(by_code.make_live(change).value(), Progress::under_way);
  EXPECT_EQ(by_code.make_live(change).value(), Progress::done);
  ASSERT_EQ(times(put_code), 1u);
  EXPECT_EQ(body(put_code), R"({"S3Bucket":"kiro-worker-test-artifacts",)"
                            R"("S3Key":"v41/poller.zip","RevisionId":"r-9"})");
}

TEST_F(Lambda, AFailedUpdateSaysWhy) {
  says(get_function, function("old", "Successful"));
  says(get_function, function("old", "Failed"));  // Lambda keeps what was there
  says(put_code, function("new", "InProgress"));
  ASSERT_TRUE(by_code.make_live(change));
  const auto progress = by_code.make_live(change);
  ASSERT_FALSE(progress);
  EXPECT_NE(progress.error().message.find("no such image"), std::string::npos);
}

TEST_F(Lambda, CodeThatSomebodyPutThereSinceIsNotOverwritten) {
  says(get_function, function("old", "Successful"));
  says(get_function, function("theirs", "Successful"));
  says(put_code, function("new", "InProgress"));
  ASSERT_TRUE(by_code.make_live(change));
  const auto progress = by_code.make_live(change);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, Code::conflict);
  EXPECT_EQ(times(put_code), 1u);
}

TEST_F(Lambda, AnUpdateOfSomebodyElseIsWaitedFor) {
  says(get_function, function("old", "InProgress"));
  EXPECT_EQ(by_code.make_live(change).value(), Progress::under_way);
  EXPECT_EQ(times(put_code), 0u);
}

TEST_F(Lambda, AMissingPackageIsNamed) {
  says(get_function, function("old", "Successful"));
  refuses(put_code, "InvalidParameterValueException");
  const auto progress = by_code.make_live(change);
  ASSERT_FALSE(progress);
  EXPECT_NE(progress.error().message.find("kiro-worker-test-artifacts/v41/poller.zip"),
            std::string::npos);
}

TEST_F(Lambda, SaysWhichReleaseTheAliasRuns) {
  says(get_alias, alias("6", "v41, Stepback operation 7"));
  says(get_function + "?Qualifier=6", version("6", "v41", "c6"));
  const auto seen = functions.live(test);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->seen);
  EXPECT_EQ(seen->version.text, "v41");
  EXPECT_NE(seen->detail.find("c6"), std::string::npos);
}

TEST_F(Lambda, AnAliasThatSharesItsCallsIsNoOneVersion) {
  says(get_alias, alias("6", "", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"7":0.5}})"));
  says(get_function + "?Qualifier=6", version("6", "v41"));
  EXPECT_FALSE(functions.live(test).value().seen);
}

TEST_F(Lambda, SaysWhichReleaseTheCodeIs) {
  says(get_function, function("c6", "Successful"));
  says(list_versions, versions(version("5", "v40", "c5") + "," + version("6", "v41", "c6")));
  const auto seen = by_code.live(test);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->seen);
  EXPECT_EQ(seen->version.text, "v41");
}

TEST_F(Lambda, CodeThatNoReleaseHasIsNotSeenAsOne) {
  says(get_function, function("other", "Successful"));
  says(list_versions, versions(version("6", "v41", "c6")));
  EXPECT_FALSE(by_code.live(test).value().seen);
}

TEST_F(Lambda, WithoutAFunctionNothingFollowsASwitch) {
  auto elsewhere = change;
  elsewhere.environment = {"other"};
  EXPECT_EQ(function_after_switch(functions).begin_or_look(elsewhere).value(), Progress::done);
  EXPECT_TRUE(log.empty());
}

class FixedPointer final : public Artifacts {
 public:
  Result<ArtifactReport> check(const Environment&, const Version&, const Digest&, bool) override {
    return ArtifactReport();
  }
  Result<Pointer> pointer(const Environment&) override { return answer; }
  Result<> stamp(const Environment&, std::uint64_t) override { return {}; }
  Result<std::string> switch_to(const Switch&) override { return std::string(); }
  Result<Pointer> answer = Pointer{.version = {"v41"}, .digest = {}, .operation = 7};
};

TEST_F(Lambda, TheLiveVersionComesWithThePointersNumber) {
  FixedPointer pointer;
  LiveFunction live(functions, pointer);
  says(get_alias, alias("6", ""));
  says(get_function + "?Qualifier=6", version("6", "v41"));
  const auto seen = live.read(test);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->seen);
  EXPECT_EQ(seen->operation, 7u);
}

TEST_F(Lambda, AFunctionThatCantBeAskedIsNotSeen) {
  FixedPointer pointer;
  LiveFunction live(functions, pointer);
  refuses(get_alias, "ResourceNotFoundException", 404);
  const auto seen = live.read(test);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->seen);
  EXPECT_FALSE(seen->detail.empty());
  pointer.answer = fail(Code::unavailable, "no pointer");
  EXPECT_FALSE(live.read(test));
}

}  // namespace
}  // namespace stepback::aws
