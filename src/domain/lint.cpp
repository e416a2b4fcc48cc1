// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "domain/checkup.hpp"

namespace stepback {
namespace {

// What a name would be of which a rule is about the rollbacks themselves.
bool tells_of_rollbacks(std::string_view name) {
  return name.ends_with("-rollbacks") || name.ends_with("-rollbacks*");
}

std::string without_star(std::string text) {
  if (text.ends_with('*')) text.pop_back();
  return text;
}

void look_for_loops(const LintFacts& facts, std::vector<Lint>& found) {
  for (const auto& environment : facts.environments) {
    const auto name = facts.prefix + "-pipeline-" + environment.name + "-rollbacks";
    const auto match = match_alarm(name, facts.environments, facts.rules);
    if (!match || !match->roles.trigger) continue;
    found.push_back({"alarm loop", Verdict::failed,
                     fmt::format("{} counts rollbacks, and would start one: give the pattern that "
                                 "it falls under the role brake, or one of its own before that",
                                 name)});
  }
  for (const auto& rule : facts.rules) {
    if (tells_of_rollbacks(rule.pattern) && rule.roles.trigger)
      found.push_back(
          {"alarm loop", Verdict::failed, rule.pattern + " counts rollbacks, and would start one"});
  }
}

void look_at_roles(const LintFacts& facts, std::vector<Lint>& found) {
  const auto any = [&](auto has) { return std::ranges::any_of(facts.rules, has); };
  if (!any([](const AlarmRule& rule) { return rule.roles.trigger; }))
    found.push_back({"alarm roles", Verdict::failed, "no rule lets an alarm start a rollback"});
  if (!any([](const AlarmRule& rule) { return rule.roles.validate; }))
    found.push_back({"alarm roles", Verdict::failed, "no rule lets an alarm judge a rollback"});
  for (const auto& rule : facts.rules) {
    if (rule.roles.trigger && rule.roles.brake)
      found.push_back(
          {"alarm roles", Verdict::failed, rule.pattern + " both starts rollbacks and stops them"});
  }
  // The first that matches decides: what stands behind a wider one is never reached.
  for (std::size_t i = 0; i < facts.rules.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto& wide = facts.rules[j].pattern;
      if (!wide.ends_with('*') || !facts.rules[i].pattern.starts_with(without_star(wide))) continue;
      if (facts.rules[i].roles == facts.rules[j].roles) continue;
      found.push_back(
          {"alarm roles", Verdict::failed,
           fmt::format("{} is never reached: {} stands before it", facts.rules[i].pattern, wide)});
      break;
    }
  }
}

void look_at_people(const LintFacts& facts, Instant now, std::vector<Lint>& found) {
  if (facts.contacts == 0)
    found.push_back({"contacts", Verdict::failed, "nobody is named whom to reach"});
  if (facts.owner.empty())
    found.push_back({"owner", Verdict::failed, "nobody is said to own this configuration"});
  if (!facts.reviewed) {
    found.push_back({"review", Verdict::failed, "nobody said when it was last looked through"});
  } else if (now - *facts.reviewed > reviewed_every) {
    found.push_back(
        {"review", Verdict::failed,
         fmt::format("it was last looked through on {}, and should be every {}",
                     to_rfc3339_seconds(*facts.reviewed).substr(0, 10), to_short(reviewed_every))});
  }
}

void look_at_retention(const LintFacts& facts, std::vector<Lint>& found) {
  if (facts.keep < days(90))
    found.push_back(
        {"records", Verdict::failed,
         fmt::format("records are kept for {}, and 90 days are asked for", to_short(facts.keep))});
  for (const auto& [environment, kept] : facts.retention) {
    if (!kept.looked || !kept.kept || *kept.kept >= facts.keep) continue;
    found.push_back({"retention", Verdict::failed,
                     fmt::format("{}: artifacts go after {}, and records stay for {}",
                                 environment.name, to_short(*kept.kept), to_short(facts.keep))});
  }
}

std::vector<std::string> about_the_rule() {
  return {
      "Whether events of alarms reach us: the rule is there, enabled, has a target, and that may "
      "be called; on one machine, a server works on the records.",
      "An alarm in ALARM and no rollback means that it is not.",
      "enable it: aws events enable-rule --name RULE",
      "let it call the function: aws lambda add-permission --function-name FUNCTION "
      "--statement-id events --action lambda:InvokeFunction --principal events.amazonaws.com",
      "see that the alarm's name falls under a pattern: stepback alarms ENV",
      "see what nobody could deal with: stepback doctor ENV --only dead-letters",
      "try it: stepback trigger ENV --alarm NAME"};
}

}  // namespace

std::vector<Lint> lint(const LintFacts& facts, Instant now) {
  std::vector<Lint> found;
  look_for_loops(facts, found);
  look_at_roles(facts, found);
  look_at_people(facts, now, found);
  look_at_retention(facts, found);
  return found;
}

std::vector<std::string> explain(Item item) {
  switch (item) {
    case Item::function_logs:
      return {"What the function, or the server, complained of in the last hour.",
              "A rollback that fails says so here first.",
              "stepback logs ENV --level error --since 1h"};
    case Item::rule: return about_the_rule();
    case Item::previous_record:
      return {"Whether a deployment is on record that could be gone back to.",
              "None: the first one is not yet good, or all are held or failed.",
              "stepback targets ENV"};
    case Item::artifacts:
      return {"Whether every byte of what it would go back to is there, as it was recorded.",
              "Deleted by a rule, by somebody, or replaced under the same name.",
              "stepback artifacts ENV --version VERSION",
              "stepback artifacts restore ENV --version VERSION",
              "stepback artifacts put ENV --version VERSION --from DIR --reason TEXT"};
    case Item::permissions:
      return {"Each right to read that a rollback needs, by reading; and who we are.",
              "Denied: the role lost a right, or the credentials are another's.",
              "stepback verify ENV"};
    case Item::alarm_configuration:
      return {
          "Whether the alarms that start and judge rollbacks are there and have their actions "
          "on.",
          "stepback alarms ENV"};
    case Item::drift:
      return {
          "Whether the stacks are as their templates say, as far as CloudFormation last looked.",
          "A stack that drifted may refuse to be taken back.",
          "look again: aws cloudformation detect-stack-drift --stack-name STACK"};
    case Item::network:
      return {
          "Whether what is configured can be reached, and no alarm says that the provider is in "
          "trouble.",
          "stepback health ENV"};
    case Item::dead_letters:
      return {"Events that nobody could deal with, and notices that nobody could be told.",
              "stepback notify test"};
    case Item::pipeline_changes:
      return {"Whether the delivery pipeline itself was changed since the newest deployment began.",
              "stepback pipeline ENV"};
    case Item::secrets:
      return {"Whether each secret that the configuration refers to can be read.",
              "stepback config check"};
    case Item::locks:
      return {
          "What holds the environment: a rollback, an unfinished deployment, a wait for people, "
          "a brake; and whether whoever holds it is still there.",
          "stepback reconcile ENV --fix", "stepback hold release ENV --reason TEXT"};
    case Item::anomalies:
      return {"Whether logs have errors beyond what is usual, and rollbacks happen too often.",
              "stepback metrics ENV --since 24h"};
    case Item::sources:
      return {"Whether what runs is a commit that the repository knows.", "stepback history ENV"};
    case Item::retention:
      return {
          "How long what could be gone back to is kept, and whether what is deleted can be "
          "brought back.",
          "stepback artifacts ENV"};
  }
  std::unreachable();
}

}  // namespace stepback
