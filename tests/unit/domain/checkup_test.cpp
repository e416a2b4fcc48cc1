// SPDX-License-Identifier: Apache-2.0
#include "domain/checkup.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

const Environment production{"production"};

// An environment of which nothing is wrong.
CheckupFacts sound() {
  CheckupFacts facts;
  auto& readiness = facts.diagnosis.readiness;
  readiness.head.environment = production;
  readiness.choice.target = Candidate{.release = support::release("v1", '1')};
  readiness.seen.alarms = {
      {.name = "kiro-worker-production-errors", .roles = {.trigger = true, .validate = true}}};
  readiness.seen.health = {{.name = "api", .healthy = true}};
  facts.diagnosis.server_is_alive = true;
  facts.retention = {.looked = true, .kept = {}, .detail = "nothing goes"};
  return facts;
}

Examined examined(const CheckupFacts& facts, Item item) {
  const auto all = examine(facts, {}, noon);
  return *std::ranges::find(all, item, &Examined::item);
}

void expect_finding(const CheckupFacts& facts, Item item, std::string_view word) {
  const auto seen = examined(facts, item);
  EXPECT_EQ(seen.seen, Seen::finding) << name_of(item) << ": " << seen.evidence;
  EXPECT_NE(seen.evidence.find(word), std::string::npos) << seen.evidence;
  EXPECT_TRUE(seen.remedy.starts_with("stepback ")) << seen.remedy;
}

TEST(Checkup, HasOneVerdictForEachOfTheFifteenInTheRunbooksOrder) {
  const auto all = examine(sound(), {}, noon);
  ASSERT_EQ(all.size(), names_of<Item>.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(std::to_underlying(all[i].item), static_cast<int>(i));
}

TEST(Checkup, FindsNothingWhereNothingIsWrong) {
  for (const auto& each : examine(sound(), {}, noon))
    EXPECT_NE(each.seen, Seen::finding) << name_of(each.item) << ": " << each.evidence;
}

TEST(Checkup, SaysWhyItDidNotLook) {
  for (const auto& each : examine(sound(), {}, noon)) {
    if (each.seen != Seen::not_looked_at) continue;
    EXPECT_FALSE(each.evidence.empty()) << name_of(each.item);
  }
  EXPECT_EQ(examined(sound(), Item::drift).seen, Seen::not_looked_at);
  EXPECT_EQ(examined(sound(), Item::sources).seen, Seen::not_looked_at);
}

TEST(Checkup, NamesEachSeededFault) {
  auto facts = sound();
  facts.complaints = {"step.failed: no disk"};
  expect_finding(facts, Item::function_logs, "no disk");

  facts = sound();
  facts.wires = {{.part = WirePart::rule, .sound = false, .detail = "DISABLED", .changed_at = {}}};
  expect_finding(facts, Item::rule, "DISABLED");

  facts = sound();
  facts.diagnosis.server_is_alive = false;
  expect_finding(facts, Item::rule, "nobody takes events in");

  facts = sound();
  facts.diagnosis.readiness.choice.target.reset();
  expect_finding(facts, Item::previous_record, "no earlier deployment");

  facts = sound();
  facts.diagnosis.readiness.choice.target->artifacts = ArtifactState::missing;
  expect_finding(facts, Item::artifacts, "missing");

  facts = sound();
  facts.diagnosis.readiness.no_pointer = "s3: AccessDenied";
  expect_finding(facts, Item::permissions, "AccessDenied");

  facts = sound();
  facts.diagnosis.readiness.seen.alarms.clear();
  expect_finding(facts, Item::alarm_configuration, "none starts a rollback");

  facts = sound();
  facts.wires = {{.part = WirePart::drift, .sound = false, .detail = "core", .changed_at = {}}};
  expect_finding(facts, Item::drift, "core");

  facts = sound();
  facts.diagnosis.readiness.seen.health = {{.name = "api", .seen = false, .detail = "no route"}};
  expect_finding(facts, Item::network, "no route");

  facts = sound();
  facts.diagnosis.unheard = {"rb-1 after 3 tries, by pager"};
  expect_finding(facts, Item::dead_letters, "by pager");

  facts = sound();
  facts.unread_secrets = {"channel pager: no such variable"};
  expect_finding(facts, Item::secrets, "no such variable");

  facts = sound();
  facts.diagnosis.readiness.head.brake = Brake{"three in an hour", noon};
  expect_finding(facts, Item::locks, "three in an hour");

  facts = sound();
  facts.diagnosis.readiness.seen.logs = {{.name = "worker", .errors = 9}};
  expect_finding(facts, Item::anomalies, "9 errors");

  facts = sound();
  facts.retention.kept = days(30);
  expect_finding(facts, Item::retention, "artifacts go after 30d");
}

TEST(Checkup, HoldsAChangeOfThePipelineAgainstTheNewestDeployment) {
  auto facts = sound();
  auto current = support::deployment("v2", '2', DeploymentStatus::succeeded);
  current.started_at = noon - hours(1);
  facts.diagnosis.readiness.current = current;
  facts.wires = {
      {.part = WirePart::pipeline_changes, .detail = "changed", .changed_at = noon - days(1)}};
  EXPECT_EQ(examined(facts, Item::pipeline_changes).seen, Seen::well);
  facts.wires[0].changed_at = noon;
  expect_finding(facts, Item::pipeline_changes, "after the newest deployment");
}

// --- the configuration ---------------------------------------------------------------------------

LintFacts tidy() {
  return {.rules = default_alarm_rules("kiro"),
          .environments = {production},
          .prefix = "kiro",
          .contacts = 2,
          .owner = "platform",
          .reviewed = noon - days(10),
          .keep = days(90),
          .retention = {}};
}

bool complains_of(const LintFacts& facts, std::string_view name) {
  return std::ranges::any_of(lint(facts, noon),
                             [&](const Lint& each) { return each.name == name; });
}

TEST(Linting, FindsNothingInTheRunbooksOwnRules) { EXPECT_TRUE(lint(tidy(), noon).empty()); }

TEST(Linting, FindsAnAlarmOfTooManyRollbacksThatWouldStartOne) {
  auto facts = tidy();
  facts.rules = {{"kiro-pipeline-{environment}-*", {.trigger = true, .validate = true}}};
  EXPECT_TRUE(complains_of(facts, "alarm loop"));
}

TEST(Linting, FindsARuleThatIsNeverReached) {
  auto facts = tidy();
  facts.rules = {{"kiro-{environment}-*", {.trigger = true, .validate = true}},
                 {"kiro-{environment}-slow", {.notify = true}}};
  EXPECT_TRUE(complains_of(facts, "alarm roles"));
}

TEST(Linting, FindsThatNobodyIsNamedAndNobodyLooked) {
  auto facts = tidy();
  facts.contacts = 0;
  EXPECT_TRUE(complains_of(facts, "contacts"));
  facts = tidy();
  facts.reviewed = noon - days(91);
  EXPECT_TRUE(complains_of(facts, "review"));
  facts.reviewed.reset();
  EXPECT_TRUE(complains_of(facts, "review"));
  facts.owner.clear();
  EXPECT_TRUE(complains_of(facts, "owner"));
}

TEST(Linting, FindsArtifactsThatGoBeforeTheirRecords) {
  auto facts = tidy();
  facts.retention = {{production, {.looked = true, .kept = days(30), .detail = {}}}};
  EXPECT_TRUE(complains_of(facts, "retention"));
  facts.retention[0].second.kept = days(90);
  EXPECT_FALSE(complains_of(facts, "retention"));
}

}  // namespace
}  // namespace stepback
