// SPDX-License-Identifier: Apache-2.0
// Each thing that a rollback needs, taken away: the check of that name says so, and it alone.
#include "domain/readiness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

ReadinessFacts all_well() {
  ReadinessFacts facts{.head = support::head_running("v2", '2')};
  facts.current = support::deployment("v2", '2');
  facts.choice.target = support::candidate("v1", '1');
  facts.choice.target->files = 3;
  facts.seen = support::healthy_observation(noon, "v2", '2', 1);
  facts.rollbacks = {{.id = {"rb-1"}, .accepted_at = noon - days(3)}};
  facts.rollbacks[0].outcome = Outcome::succeeded;
  facts.rollbacks[0].ended_at = noon - days(3) + minutes(4);
  facts.events = {{.received_at = noon - days(3)}};
  return facts;
}

Verdict verdict_of(const Readiness& readiness, const std::string& name) {
  const auto found = std::ranges::find(readiness.checks, name, &Check::name);
  return found == readiness.checks.end() ? Verdict::passed : found->verdict;
}

struct Trouble {
  std::string check;
  Verdict verdict;
  std::function<void(ReadinessFacts&, Policy&)> make;
};

const std::vector<Trouble> troubles{
    {"target", Verdict::failed,
     [](ReadinessFacts& it, Policy&) {
       it.choice.target.reset();
       it.choice.refused = {{support::release("v1", '1'), "held"}};
     }},
    {"artifacts", Verdict::failed,
     [](ReadinessFacts& it, Policy&) { it.choice.target->artifacts = ArtifactState::missing; }},
    {"artifacts", Verdict::failed,
     [](ReadinessFacts& it, Policy&) { it.choice.target->artifacts = ArtifactState::altered; }},
    {"artifacts", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.choice.target->artifacts = ArtifactState::unreadable; }},
    {"budget", Verdict::failed,
     [](ReadinessFacts&, Policy& policy) { policy.budget = seconds(9); }},
    {"data", Verdict::failed,
     [](ReadinessFacts& it, Policy&) { it.current->one_way = "drops a column"; }},
    {"live version", Verdict::failed,
     [](ReadinessFacts& it, Policy&) { it.seen.version->version = {"v9"}; }},
    {"live version", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.seen.version->seen = false; }},
    {"pointer", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.no_pointer = "access denied"; }},
    {"pipeline", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.no_pipeline = "access denied"; }},
    {"validation", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.seen.unseen = {"health: refused"}; }},
    {"validation", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.seen.health.front().seen = false; }},
    {"trigger", Verdict::failed,
     [](ReadinessFacts& it, Policy&) {
       it.seen.alarms.front().roles.trigger = false;
       it.events.front().received_at = noon - days(40);
     }},
    {"trigger", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) {
       it.seen.alarms.front().state = AlarmState::insufficient_data;
     }},
    {"trigger", Verdict::inconclusive,
     [](ReadinessFacts&, Policy& policy) { policy.automatic = false; }},
    {"automation", Verdict::failed,
     [](ReadinessFacts& it, Policy&) { it.head.waiting = Waiting{.rollback = {"rb-1"}}; }},
    {"automation", Verdict::failed,
     [](ReadinessFacts& it, Policy&) { it.head.brake = Brake{"too many", noon}; }},
    {"automation", Verdict::inconclusive,
     [](ReadinessFacts& it, Policy&) { it.head.slot = RollbackId{"rb-1"}; }},
};

TEST(Readiness, IsThereWhenNothingIsMissing) {
  const auto readiness = judge_readiness(all_well(), {}, noon);
  for (const auto& check : readiness.checks)
    EXPECT_EQ(check.verdict, Verdict::passed) << check.name << ": " << check.evidence;
  EXPECT_EQ(readiness.verdict, Verdict::passed);
  EXPECT_TRUE(readiness.unproven.empty());
  EXPECT_GT(readiness.usual, Duration{});
  EXPECT_GE(readiness.slow, readiness.usual);
}

TEST(Readiness, IsGoneWithAnythingThatARollbackNeeds) {
  for (const auto& trouble : troubles) {
    auto facts = all_well();
    Policy policy;
    trouble.make(facts, policy);
    const auto readiness = judge_readiness(facts, policy, noon);
    EXPECT_EQ(readiness.verdict, trouble.verdict) << trouble.check;
    EXPECT_EQ(verdict_of(readiness, trouble.check), trouble.verdict) << trouble.check;
    const auto others = std::ranges::count_if(readiness.checks, [&](const Check& check) {
      const bool follows = trouble.check == "trigger" && check.name == "wiring";
      return check.name != trouble.check && !follows && check.verdict != Verdict::passed;
    });
    EXPECT_EQ(others, 0) << trouble.check;
  }
}

TEST(Readiness, IsUnprovenWhenNobodyHasSeenItWorkForAMonth) {
  for (const bool never : {true, false}) {
    auto facts = all_well();
    if (never) {
      facts.rollbacks[0].outcome = Outcome::escalated;
      facts.events[0].signal.kind = SignalKind::deployment_failed;
    }
    const auto readiness = judge_readiness(facts, {}, noon + days(never ? 0 : 32));
    EXPECT_EQ(readiness.verdict, Verdict::passed);
    EXPECT_EQ(readiness.unproven, (std::vector<std::string>{"proof", "wiring"}));
  }
}

TEST(Readiness, KnowsAlarmsThatAreOnlyTold) {
  auto facts = all_well();
  facts.seen.alarms.front().roles.trigger = false;
  facts.events.front().signal.name = "HighErrorRate";
  const auto readiness = judge_readiness(facts, {}, noon);
  EXPECT_EQ(readiness.verdict, Verdict::passed);
  EXPECT_TRUE(readiness.unproven.empty());
}

TEST(Rehearsing, WantsAReadyAndJudgedVersionWhereNobodyIsServed) {
  auto facts = all_well();
  facts.current->good_at = noon - hours(1);
  const auto ready = judge_readiness(facts, {}, noon);
  EXPECT_EQ(why_not_rehearsed(ready, false), "");
  EXPECT_NE(why_not_rehearsed(ready, true), "");
  facts.current->good_at.reset();
  EXPECT_NE(why_not_rehearsed(judge_readiness(facts, {}, noon), false), "");
  facts.current->good_at = noon;
  facts.choice.target.reset();
  EXPECT_NE(why_not_rehearsed(judge_readiness(facts, {}, noon), false), "");
}

TEST(Readiness, IsOfNothingWhereNothingRuns) {
  const auto readiness = judge_readiness({.head = {.environment = {"test"}}}, {}, noon);
  EXPECT_EQ(readiness.verdict, Verdict::failed);
  EXPECT_FALSE(readiness.target);
}

}  // namespace
}  // namespace stepback
