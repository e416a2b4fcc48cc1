// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class Inspect : public ::testing::Test {
 protected:
  Inspect() {
    service.deployed("production", "1111111", days(3));
    service.deployed("production", "2222222", days(2));
  }
  // What the world says now, whoever brought it about.
  void marker_names(const std::string& version) {
    auto& place = service.world.places[{"production"}];
    place.pointer.version = {version};
    place.pointer.digest = SimWorld::digest_of({version});
    place.running = place.pointer.digest;
    place.running_version = place.pointer.version;
  }
  // The newest record is one that nobody will end.
  DeploymentId left_in_progress() {
    auto deployment = service.deployed("production", "3333333", hours(2), false);
    auto head = service.head("production");
    deployment = *service.store.deployment(deployment.id);
    deployment.status = DeploymentStatus::in_progress;
    deployment.ended_at.reset();
    deployment.cutover_at.reset();
    deployment.deadline_at = service.clock.now() - hours(1);
    head.live = Release{{"dep-gone"}, {"2222222"}, SimWorld::digest_of({"2222222"})};
    marker_names("2222222");
    Commit commit;
    commit.heads.push_back(head);
    commit.deployments.push_back(deployment);
    EXPECT_TRUE(service.store.commit(commit));
    return deployment.id;
  }

  PretendService service;
};

// --- reconcile -----------------------------------------------------------------------------------

TEST_F(Inspect, ReconcileFindsNothingWhereRecordsAndWorldAgree) {
  const auto ran = service.run("reconcile production");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("things are as recorded"), std::string::npos) << ran.out;
}

TEST_F(Inspect, ReconcileTellsThatTheMarkerNamesAnotherVersionAndWritesNothing) {
  marker_names("1111111");
  const auto commits = service.store.commits();
  const auto ran = service.run("reconcile production");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✖ marker: it names 1111111, and 2222222 is recorded as live"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("try: stepback reconcile production --fix"), std::string::npos);
  EXPECT_EQ(service.store.commits(), commits);
}

TEST_F(Inspect, ReconcileMendsTheRecordsAndSaysWhat) {
  marker_names("1111111");
  const auto ran = service.run("reconcile production --fix --reason \"moved by hand\"");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(ran.err.find("mended: marker"), std::string::npos) << ran.err;
  EXPECT_EQ(service.head("production").live->version.text, "1111111");
  EXPECT_EQ(service.world.places[{"production"}].running_version.text, "1111111");
  EXPECT_TRUE(service.store.audit()->findings.empty());
}

TEST_F(Inspect, ReconcileEndsARecordThatNobodyWillEnd) {
  const auto id = left_in_progress();
  EXPECT_NE(service.run("reconcile production").out.find("✖ unfinished " + id.text),
            std::string::npos);
  service.run("reconcile production --fix --reason r");
  const auto ended = service.store.deployment(id).value();
  EXPECT_EQ(ended.status, DeploymentStatus::failed);
  ASSERT_EQ(ended.amendments.size(), 1u);
  EXPECT_EQ(ended.amendments[0].by, "alice");
}

TEST_F(Inspect, ReconcileLeavesToPeopleWhatIsNotSafe) {
  service.world.artifacts[SimWorld::digest_of({"1111111"}).hex] = ArtifactState::missing;
  const auto ran = service.run("reconcile production --fix --reason r");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✖ artifacts 1111111"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("try: stepback artifacts production --version 1111111"),
            std::string::npos);
}

TEST_F(Inspect, ReconcileNeedsAReasonToMendWhereNobodyCanBeAsked) {
  marker_names("1111111");
  EXPECT_EQ(service.run("reconcile production --fix").exit, 3);
  EXPECT_EQ(service.run("reconcile production --fix --reason r --read-only").exit, 3);
  EXPECT_EQ(service.head("production").live->version.text, "2222222");
}

TEST_F(Inspect, ReconcileNamesVersionsThatTheSourcesDoNotKnow) {
  service.looking.sources[{"production"}] = {{.id = "1111111", .at = service.clock.now()}};
  const auto out = service.run("reconcile production").out;
  EXPECT_NE(out.find("repository: it knows no commits by these names: 2222222"), std::string::npos)
      << out;
}

TEST_F(Inspect, ReconcileIsADocumentForScripts) {
  marker_names("1111111");
  const auto value = json::parse(service.run("reconcile production -o json").out);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->at("schema").as_string(), "stepback/v1/reconciliation");
  bool found = false;
  for (const auto& each : value->at("findings").as_array())
    found = found || each.at("mend").as_string() == "adopt_marker";
  EXPECT_TRUE(found);
}

// --- artifacts -----------------------------------------------------------------------------------

class ArtifactsCommand : public Inspect {
 protected:
  ArtifactsCommand() {
    for (const auto* version : {"2222222", "1111111"}) {
      service.looking.shelves[{"production"}].push_back(
          {.version = {version},
           .digest = SimWorld::digest_of({version}),
           .files = 418,
           .bytes = 2'000'000,
           .location = std::string("s3://bucket/") + version + "/",
           .written_at = service.clock.now() - days(3)});
    }
  }
  void lose(const std::string& version, Missing missing) {
    service.world.artifacts[SimWorld::digest_of({version}).hex] = ArtifactState::missing;
    service.looking.gone[version] = std::move(missing);
  }
};

TEST_F(ArtifactsCommand, ListsWhatLiesThereNewestFirst) {
  const auto ran = service.run("artifacts production --no-header");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  const auto first = ran.out.substr(0, ran.out.find('\n'));
  EXPECT_NE(first.find("live  2222222  present  418"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("→     1111111  present"), std::string::npos) << ran.out;
}

TEST_F(ArtifactsCommand, SaysThatARuleWillTakeATargetAway) {
  service.looking.shelves[{"production"}][1].expires_at = service.clock.now() + days(6);
  const auto out = service.run("artifacts production").out;
  EXPECT_NE(out.find("door closes in 6d"), std::string::npos) << out;
}

TEST_F(ArtifactsCommand, TellsDeletedExpiredAndNeverThereApart) {
  lose("1111111", {.how = Absence::deleted,
                   .since = service.clock.now() - hours(3),
                   .restorable = true,
                   .detail = "s3://bucket/1111111/ was deleted"});
  auto out = service.run("artifacts production --version 1111111").out;
  EXPECT_NE(out.find("✖ 1111111 in production: deleted 3h ago"), std::string::npos) << out;
  EXPECT_NE(out.find("stepback artifacts restore production --version 1111111"), std::string::npos);
  lose("1111111", {.how = Absence::expired, .since = {}, .detail = "by rule old"});
  out = service.run("artifacts production --version 1111111").out;
  EXPECT_NE(out.find("1111111 in production: expired"), std::string::npos) << out;
  service.world.artifacts[""] = ArtifactState::missing;  // of which nobody recorded a digest
  lose("7777777", {.since = {}, .detail = "nothing"});
  out = service.run("artifacts production --version 7777777").out;
  EXPECT_NE(out.find("✖ 7777777 in production: never there"), std::string::npos) << out;
}

TEST_F(ArtifactsCommand, SaysThatEveryByteIsAsRecordedAndExits1OtherwiseOnly) {
  const auto ran = service.run("artifacts production --version 1111111");
  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_NE(ran.out.find("every byte is as it was recorded"), std::string::npos) << ran.out;
  service.world.artifacts[SimWorld::digest_of({"1111111"}).hex] = ArtifactState::altered;
  EXPECT_EQ(service.run("artifacts production --version 1111111").exit, 1);
}

TEST_F(ArtifactsCommand, RestoresWhatIsStillKeptAndWritesThatDown) {
  lose("1111111", {.how = Absence::deleted, .since = {}, .restorable = true, .detail = "gone"});
  const auto ran = service.run("artifacts restore production --version 1111111 --reason oops");
  EXPECT_NE(ran.err.find("3 objects are there again"), std::string::npos) << ran.err;
  EXPECT_EQ(service.looking.restored, std::vector<std::string>{"1111111"});
  const auto journal = service.store.journal(Environment{"production"}, 0, 100).value();
  EXPECT_EQ(journal.back().entry.kind, "artifacts.restored");
  EXPECT_EQ(service.run("artifacts restore production --version 2222222 --reason r").exit, 4);
}

TEST_F(ArtifactsCommand, PublishesAgainWhatWasVerifiedWithoutAsking) {
  service.looking.contents["dist"] = SimWorld::digest_of({"1111111"});
  const auto ran = service.run("artifacts put production --version 1111111 --from dist");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("as it was verified"), std::string::npos) << ran.out;
}

TEST_F(ArtifactsCommand, SaysThatOtherContentIsNotTheVerifiedOneAndWantsAWordForIt) {
  service.looking.contents["rebuilt"] = SimWorld::digest_of({"9999999"});
  const std::string line = "artifacts put production --version 1111111 --from rebuilt";
  auto ran = service.run(line);
  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("this is NOT the verified artifact"), std::string::npos) << ran.err;
  ran = service.run(line + " --yes --reason \"the bucket was emptied\" -o json");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("\"verifiedArtifact\": false"), std::string::npos) << ran.out;
  const auto journal = service.store.journal(Environment{"production"}, 0, 100).value();
  EXPECT_EQ(journal.back().entry.kind, "artifacts.published");
  EXPECT_NE(journal.back().entry.text.find("NOT what was verified"), std::string::npos);
}

TEST_F(ArtifactsCommand, NeedsAnEnvironment) {
  const auto ran = service.run("artifacts");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_FALSE(ran.attempt().empty());
}

}  // namespace
}  // namespace stepback::cli
