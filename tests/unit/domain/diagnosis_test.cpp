// SPDX-License-Identifier: Apache-2.0
// Each of the runbook's issues, made: its symptom is named with a command, and nothing else is.
#include "domain/diagnosis.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "support/builders.hpp"

namespace stepback {
namespace {

using support::noon;

DiagnosisFacts all_well() {
  DiagnosisFacts facts;
  auto& it = facts.readiness;
  it.head = support::head_running("v2", '2');
  it.current = support::deployment("v2", '2');
  it.choice.target = support::candidate("v1", '1');
  it.seen = support::healthy_observation(noon, "v2", '2', 1);
  it.rollbacks = {{.id = {"rb-1"}, .accepted_at = noon - days(3)}};
  it.rollbacks[0].outcome = Outcome::succeeded;
  it.rollbacks[0].ended_at = noon - days(3) + minutes(4);
  it.rollbacks.push_back(it.rollbacks[0]);  // so that the newest can end otherwise
  it.events = {{.received_at = noon - days(3)}};
  facts.server_is_alive = true;
  facts.people = {{.name = "pager", .environments = {{"production"}}}};
  facts.contacts = 1;
  return facts;
}

struct Made {
  Trouble about;
  std::string check;
  std::function<void(DiagnosisFacts&)> make;
  std::string remedy;
};

const std::vector<Made> troubles{
    {Trouble::trigger, "server", [](DiagnosisFacts& it) { it.server_is_alive = false; },
     "stepback serve"},
    {Trouble::trigger, "events",
     [](DiagnosisFacts& it) { it.readiness.events.front().disposition = Disposition::rejected; },
     "stepback config show"},
    {Trouble::trigger, "trigger",
     [](DiagnosisFacts& it) {
       it.readiness.seen.alarms.front().state = AlarmState::insufficient_data;
     },
     "stepback alarms production"},
    {Trouble::rollback, "target", [](DiagnosisFacts& it) { it.readiness.choice.target.reset(); },
     "stepback targets production"},
    {Trouble::rollback, "last rollback",
     [](DiagnosisFacts& it) { it.readiness.rollbacks.front().outcome = Outcome::escalated; },
     "stepback explain rb-1"},
    {Trouble::validation, "health api",
     [](DiagnosisFacts& it) { it.readiness.seen.health.front().healthy = false; },
     "stepback verify production"},
    {Trouble::validation, "alarm kiro-worker-production-errors",
     [](DiagnosisFacts& it) { it.readiness.seen.alarms.front().state = AlarmState::alarm; },
     "stepback verify production"},
    {Trouble::artifacts, "artifacts",
     [](DiagnosisFacts& it) { it.readiness.choice.target->artifacts = ArtifactState::missing; },
     "stepback targets production"},
    {Trouble::records, "live version",
     [](DiagnosisFacts& it) { it.readiness.seen.version->version = {"v9"}; },
     "stepback verify production"},
    {Trouble::records, "unfinished",
     [](DiagnosisFacts& it) {
       auto left = support::deployment("v3", '3', DeploymentStatus::in_progress);
       left.deadline_at = noon - minutes(1);
       it.unfinished = {left};
     },
     "stepback deploy fail production"},
    {Trouble::notices, "unheard", [](DiagnosisFacts& it) { it.unheard = {"one"}; },
     "stepback config check"},
    {Trouble::notices, "channels",
     [](DiagnosisFacts& it) { it.people.front().environments = {{"test"}}; },
     "stepback config show"},
    {Trouble::notices, "contacts", [](DiagnosisFacts& it) { it.contacts = 0; },
     "stepback config show"},
};

TEST(Diagnosis, FindsNothingWhereAllIsWell) {
  for (const auto& symptom : diagnose(all_well(), {}, noon)) {
    EXPECT_EQ(symptom.check.verdict, Verdict::passed)
        << symptom.check.name << ": " << symptom.check.evidence;
    EXPECT_EQ(symptom.remedy, "");
  }
}

TEST(Diagnosis, NamesEachTroubleAndWhatMendsItAndNothingElse) {
  for (const auto& trouble : troubles) {
    auto facts = all_well();
    trouble.make(facts);
    int found = 0;
    for (const auto& symptom : diagnose(facts, {}, noon)) {
      if (symptom.check.name == trouble.check) {
        ++found;
        EXPECT_EQ(symptom.about, trouble.about);
        EXPECT_EQ(symptom.remedy, trouble.remedy);
        EXPECT_NE(symptom.check.verdict, Verdict::passed) << trouble.check;
      } else {
        EXPECT_EQ(symptom.check.verdict, Verdict::passed)
            << trouble.check << " is not " << symptom.check.name << ": " << symptom.check.evidence;
      }
    }
    EXPECT_EQ(found, 1) << trouble.check;
  }
}

}  // namespace
}  // namespace stepback
