// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/shelf.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "adapters/aws/artifacts.hpp"
#include "support/pretend_s3_account.hpp"
#include "support/scratch.hpp"

namespace stepback::aws {
namespace {

const Environment production{"production"};
constexpr std::string_view ninety_days =
    "<LifecycleConfiguration><Rule><ID>old</ID><Prefix></Prefix><Status>Enabled</Status>"
    "<Expiration><Days>90</Days></Expiration></Rule></LifecycleConfiguration>";

std::vector<ReleasePlace> places() {
  return {{.environment = production, .source_bucket = "releases", .target_bucket = "live"}};
}

class S3ShelfTest : public ::testing::Test {
 protected:
  void SetUp() override {
    artifacts_ = *S3Artifacts::make(places(), pretend_.s3, pretend_.clock, pretend_.clock);
    std::ofstream(scratch_.file("app.js")) << "hello";
    std::ofstream(scratch_.file("index.html")) << "<p>";
    for (const auto* version : {"v1", "v2"})
      ASSERT_TRUE(artifacts_->publish(production, {version}, scratch_.path().string()));
  }
  void lose(const std::string& version) {
    for (const auto& key : pretend_.store.keys("releases"))
      if (key.contains(version)) pretend_.store.remove("releases", key);
  }

  testing::PretendS3Account pretend_;
  testing::Scratch scratch_;
  std::unique_ptr<S3Artifacts> artifacts_;
  S3Shelf shelf_{places(), pretend_.s3};
};

TEST_F(S3ShelfTest, ListsWhatIsThereWithItsSizeAndDigest) {
  const auto list = shelf_.list(production, 10);
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 2u);
  const auto& first = list->front();
  EXPECT_EQ(first.files, 2);
  EXPECT_EQ(first.bytes, 8u);
  EXPECT_EQ(first.digest.hex.size(), 64u);
  EXPECT_TRUE(first.location.starts_with("s3://releases/v")) << first.location;
  EXPECT_EQ(to_rfc3339_seconds(first.written_at.value()), "2026-01-01T10:18:04Z");
  EXPECT_EQ(shelf_.list(production, 1)->size(), 1u);
}

TEST_F(S3ShelfTest, KnowsWhenARuleWillTakeAVersionAway) {
  EXPECT_FALSE(shelf_.find(production, {"v1"})->expires_at);
  pretend_.store.lifecycle = ninety_days;
  const auto expires = shelf_.find(production, {"v1"})->expires_at;
  ASSERT_TRUE(expires);
  EXPECT_EQ(to_rfc3339_seconds(*expires), "2026-04-01T10:18:04Z");
  const auto rules = shelf_.rules(production);
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->kept_for, days(90));
  EXPECT_TRUE(rules->keeps_deleted);
}

TEST_F(S3ShelfTest, LeavesOutRulesThatAreOffOrForSomeObjectsOnly) {
  pretend_.store.lifecycle =
      "<LifecycleConfiguration>"
      "<Rule><ID>off</ID><Prefix></Prefix><Status>Disabled</Status>"
      "<Expiration><Days>1</Days></Expiration></Rule>"
      "<Rule><ID>some</ID><Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>"
      "<Status>Enabled</Status><Expiration><Days>2</Days></Expiration></Rule>"
      "<Rule><ID>logs</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>"
      "<Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>";
  EXPECT_FALSE(shelf_.find(production, {"v1"})->expires_at);
}

TEST_F(S3ShelfTest, TellsNeverThereDeletedAndExpiredApart) {
  const auto never = shelf_.missing(production, {"v9"});
  ASSERT_TRUE(never) << never.error().message;
  EXPECT_EQ(never->how, Absence::never_there);
  EXPECT_FALSE(never->restorable);
  lose("v1");
  const auto deleted = shelf_.missing(production, {"v1"});
  EXPECT_EQ(deleted->how, Absence::deleted);
  EXPECT_TRUE(deleted->restorable);
  EXPECT_EQ(to_rfc3339_seconds(deleted->since.value()), "2026-01-27T10:18:04Z");
  // Written on the 1st and gone on the 27th: as a rule of 20 days would have it.
  pretend_.store.lifecycle =
      "<LifecycleConfiguration><Rule><ID>old</ID><Prefix></Prefix><Status>Enabled</Status>"
      "<Expiration><Days>20</Days></Expiration></Rule></LifecycleConfiguration>";
  EXPECT_EQ(shelf_.missing(production, {"v1"})->how, Absence::expired);
}

TEST_F(S3ShelfTest, BringsBackWhatIsBehindDeleteMarkersWholeAndVerified) {
  const auto digest = shelf_.find(production, {"v1"})->digest;
  lose("v1");
  ASSERT_FALSE(shelf_.find(production, {"v1"}));
  const auto restored = shelf_.restore(production, {"v1"});
  ASSERT_TRUE(restored) << restored.error().message;
  const auto report = artifacts_->check(production, {"v1"}, digest, true);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->state, ArtifactState::present) << report->detail;
}

TEST_F(S3ShelfTest, HasNothingToBringBackOfWhatWasNeverThere) {
  const auto restored = shelf_.restore(production, {"v9"});
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Code::not_found);
}

TEST_F(S3ShelfTest, CallsADirectoryWhatPublishingItWould) {
  const auto digest = shelf_.digest_of(production, scratch_.path().string());
  ASSERT_TRUE(digest) << digest.error().message;
  EXPECT_EQ(*digest, shelf_.find(production, {"v1"})->digest);
}

TEST_F(S3ShelfTest, SaysWhatItMayNotLookAt) {
  pretend_.store.plan({.fault = testing::PretendS3::Fault::denied, .contains = "?lifecycle"});
  const auto rules = shelf_.rules(production);
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().code, Code::denied);
}

}  // namespace
}  // namespace stepback::aws
