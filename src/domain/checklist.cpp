// SPDX-License-Identifier: Apache-2.0
#include "domain/checklist.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

struct Ticking {
  const ChecklistFacts& facts;

  // All checks of one kind: "alarm kiro-..." is one of "alarm". None: nobody looked, which is no
  // pass.
  Ticked of_checks(Box box, std::string_view kind, std::string_view what_none_means) const {
    std::size_t all = 0;
    std::size_t good = 0;
    std::string trouble;
    std::string last;
    for (const auto& check : facts.checks) {
      if (check.name != kind && !check.name.starts_with(std::string(kind) + " ")) continue;
      ++all;
      last = check.evidence;
      if (check.verdict == Verdict::passed) {
        ++good;
      } else {
        trouble += (trouble.empty() ? "" : "; ") + check.name + ": " + check.evidence;
      }
    }
    if (all == 0) return {box, false, std::string(what_none_means)};
    if (good < all) return {box, false, trouble};
    return {box, true, all == 1 ? last : fmt::format("{} of {}", good, all)};
  }

  Ticked after_the_end(Box box, bool done, const std::string& evidence) const {
    const auto& rollback = facts.rollback;
    if (!rollback) return {box, false, "no rollback is on record here"};
    if (is_active(*rollback)) return {box, false, rollback->id.text + " has not ended"};
    return {box, done, rollback->id.text + ": " + evidence};
  }

  Ticked record() const {
    const auto seen = of_checks(Box::record, "record", "nobody looked at the record");
    if (!seen.ticked) return seen;
    return after_the_end(Box::record, true, seen.evidence);
  }

  Ticked metrics() const {
    return after_the_end(Box::metrics, true,
                         facts.keeps_figures ? "told to the channel for metrics"
                                             : "counted in our own records; no other place is "
                                               "configured for metrics");
  }

  Ticked notifications() const {
    if (facts.channels == 0)
      return after_the_end(Box::notifications, false, "no channel reaches people");
    if (!facts.unheard.empty())
      return after_the_end(Box::notifications, false, facts.unheard.front());
    return after_the_end(Box::notifications, true,
                         fmt::format("{} channels, none that was not told", facts.channels));
  }

  Ticked by_people(Box box) const {
    const auto of_box = [&](const JournalEntry& entry) {
      return std::ranges::any_of(entry.facts, [&](const auto& fact) {
        return fact.first == "box" && fact.second == name_of(box);
      });
    };
    const auto tick = std::ranges::find_if(facts.ticks, of_box);
    if (tick == facts.ticks.end()) return {box, false, "yours to tick"};
    return {box, true, fmt::format("{}, at {}", tick->actor, to_rfc3339_seconds(tick->at))};
  }

  Ticked look_at(Box box) const {
    switch (box) {
      case Box::pipeline: return of_checks(box, "pipeline", "nobody looked at the pipeline");
      case Box::alarms: return of_checks(box, "alarm", "no alarm would tell");
      case Box::health: return of_checks(box, "health", "no probe is configured");
      case Box::logs: return of_checks(box, "logs", "no log is configured");
      case Box::version: return of_checks(box, "version", "what runs could not be asked");
      case Box::record: return record();
      case Box::metrics: return metrics();
      case Box::notifications: return notifications();
      case Box::stakeholders:
      case Box::ticket: return by_people(box);
    }
    std::unreachable();
  }
};

}  // namespace

bool is_for_people(Box box) { return box == Box::stakeholders || box == Box::ticket; }

std::string_view title_of(Box box) {
  switch (box) {
    case Box::pipeline: return "Pipeline execution stopped or completed";
    case Box::alarms: return "All CloudWatch alarms in OK or INSUFFICIENT_DATA state";
    case Box::health: return "Application health endpoints return 200 OK";
    case Box::logs: return "No errors in CloudWatch logs for past 5 minutes";
    case Box::version: return "Deployed version matches target rollback version";
    case Box::record: return "DynamoDB deployment record updated with rollback status";
    case Box::metrics: return "Rollback metrics published to CloudWatch";
    case Box::notifications: return "Notifications sent to SNS topics";
    case Box::stakeholders: return "Stakeholders informed of rollback completion";
    case Box::ticket: return "Incident ticket updated with rollback details";
  }
  std::unreachable();
}

std::vector<Ticked> checklist(const ChecklistFacts& facts) {
  const Ticking ticking{.facts = facts};
  std::vector<Ticked> boxes;
  for (std::size_t i = 0; i < names_of<Box>.size(); ++i)
    boxes.push_back(ticking.look_at(static_cast<Box>(i)));
  return boxes;
}

Result<JournalEntry> tick(const Rollback& rollback, Box box, const std::string& by, Instant now) {
  if (!is_for_people(box))
    return fail(Code::invalid, fmt::format("{} is ticked by what is seen, and by nobody's word: "
                                           "people tick stakeholders and ticket",
                                           name_of(box)));
  if (by.empty()) return fail(Code::invalid, "a tick needs a name");
  return JournalEntry{.environment = rollback.environment,
                      .at = now,
                      .kind = std::string(tick_kind),
                      .actor = by,
                      .rollback = rollback.id,
                      .deployment = {},
                      .text = std::string(title_of(box)),
                      .facts = {{"box", std::string(name_of(box))}}};
}

}  // namespace stepback
