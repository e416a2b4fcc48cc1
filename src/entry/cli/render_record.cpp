// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_record.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/render_live.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

class Facts {
 public:
  void add(std::string_view name, std::string_view text, Role role = Role::plain) {
    if (text.empty()) return;
    Line line(name, Role::muted);
    line.pad_to(18).add(text, role);
    screen_.push_back(std::move(line));
  }
  void add(std::string_view name, const std::optional<Instant>& at) {
    if (at && *at != Instant{}) add(name, to_rfc3339_seconds(*at));
  }
  Screen take() { return std::move(screen_); }

 private:
  Screen screen_;
};

Role role_of(DeploymentStatus status) {
  switch (status) {
    case DeploymentStatus::in_progress: return Role::running;
    case DeploymentStatus::succeeded: return Role::good;
    case DeploymentStatus::failed: return Role::bad;
    case DeploymentStatus::rolled_back: return Role::warning;
  }
  std::unreachable();
}

std::string_view sign_of(DeploymentStatus status) {
  switch (status) {
    case DeploymentStatus::in_progress: return running_sign;
    case DeploymentStatus::succeeded: return good_sign;
    case DeploymentStatus::failed: return bad_sign;
    case DeploymentStatus::rolled_back: return warning_sign;
  }
  std::unreachable();
}

std::string took(Instant from, const std::optional<Instant>& to) {
  return to ? clock_text(*to - from) : std::string(skipped_sign);
}

std::string why_of(const Deployment& deployment) {
  if (!deployment.amendments.empty()) {
    const auto& last = deployment.amendments.back();
    return fmt::format("amended by {}: {}", last.by, last.reason);
  }
  if (!deployment.rollback_reason.empty()) return deployment.rollback_reason;
  return deployment.failure;
}

struct Row {
  Instant at;
  std::vector<Cell> cells;
};

Row row_of(const Deployment& deployment, Instant now) {
  return {deployment.started_at,
          {ago(deployment.started_at, now), deployment.environment.name,
           short_version(deployment.version), name_of(deployment.kind),
           Cell(fmt::format("{} {}", sign_of(deployment.status), name_of(deployment.status)),
                role_of(deployment.status)),
           took(deployment.started_at, deployment.ended_at), deployment.started_by,
           deployment.id.text, why_of(deployment)}};
}

Row row_of(const Rollback& rollback, Instant now) {
  const bool escalated = rollback.outcome == Outcome::escalated;
  const auto result = rollback.outcome ? name_of(*rollback.outcome) : "under way";
  return {rollback.accepted_at,
          {ago(rollback.accepted_at, now), rollback.environment.name,
           short_version(rollback.rejected.version), "rollback",
           Cell(fmt::format("{} {}",
                            escalated          ? bad_sign
                            : rollback.outcome ? skipped_sign
                                               : running_sign,
                            result),
                escalated ? Role::bad : Role::muted),
           took(rollback.accepted_at, rollback.ended_at), rollback.requested_by, rollback.id.text,
           rollback.why.empty() ? rollback.reason : rollback.why}};
}

Screen lane_screen(const Rollback& rollback, const Lane& lane, Instant now) {
  Screen screen;
  Line title(lane.environment.name, Role::strong);
  if (lane.target) {
    title.add(fmt::format("  {} {} {}", short_version(lane.from.version), arrow_sign,
                          short_version(lane.target->release.version)));
  }
  if (lane.end) title.add(fmt::format("  {}: {}", name_of(*lane.end), lane.why), Role::muted);
  screen.push_back(std::move(title));
  Table table({{""}, {"STEP"}, {"STATE"}, {"TOOK", Table::Align::right}, {"DETAIL"}});
  for (const auto& stage : stages_of(rollback, lane, now)) {
    table.add({"  ", stage.name, word_of(stage.state), stage.took ? clock_text(*stage.took) : "",
               stage.detail});
  }
  append(screen, table.screen(false));
  return screen;
}

Screen targets_part(const Lane& lane) {
  Screen screen;
  if (lane.target) {
    screen.push_back(
        Line("  ")
            .add(fmt::format("{} {}", arrow_sign, short_version(lane.target->release.version)),
                 Role::good)
            .add(fmt::format("  chosen ({}, {})", lane.target->release.deployment.text,
                             name_of(lane.target->artifacts))));
  }
  for (const auto& refusal : lane.refused) {
    screen.push_back(Line("    ")
                         .add(short_version(refusal.release.version))
                         .add("  refused: " + refusal.why, Role::muted));
  }
  return screen;
}

Screen triggers_part(const RollbackView& view) {
  Screen screen;
  for (const auto& trigger : view.triggers) {
    screen.push_back(fmt::format("  {} UTC  {} {} {} ({}): {}: {}",
                                 second_of_day(trigger.received_at), name_of(trigger.signal.kind),
                                 trigger.signal.name, name_of(trigger.signal.state),
                                 trigger.signal.source, name_of(trigger.disposition), trigger.why));
    if (!trigger.signal.reason.empty())
      screen.push_back(Line("                ").add(trigger.signal.reason, Role::muted));
  }
  if (view.triggers.empty())
    screen.push_back(fmt::format("  asked for by {}", view.rollback.requested_by));
  return screen;
}

}  // namespace

Table history_table(std::span<const Deployment> deployments, std::span<const Rollback> rollbacks,
                    Instant now, std::size_t limit) {
  std::vector<Row> rows;
  for (const auto& deployment : deployments) rows.push_back(row_of(deployment, now));
  for (const auto& rollback : rollbacks) {
    if (rollback.outcome != Outcome::succeeded) rows.push_back(row_of(rollback, now));
  }
  std::ranges::stable_sort(rows, std::ranges::greater(), &Row::at);
  if (rows.size() > limit)
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
  Table table({{"WHEN"},
               {"ENVIRONMENT"},
               {"RELEASE"},
               {"KIND"},
               {"RESULT"},
               {"TOOK", Table::Align::right},
               {"BY"},
               {"ID"},
               {"WHY"}});
  for (auto& row : rows) table.add(std::move(row.cells));
  return table;
}

Screen deployment_screen(const Deployment& deployment, Instant now) {
  Facts facts;
  facts.add("deployment", deployment.id.text, Role::strong);
  facts.add("environment", deployment.environment.name);
  facts.add("version", deployment.version.text);
  facts.add("digest", deployment.digest.hex);
  facts.add("kind", name_of(deployment.kind));
  facts.add("status", fmt::format("{} {}", sign_of(deployment.status), name_of(deployment.status)),
            role_of(deployment.status));
  facts.add("started", fmt::format("{} ({}) by {}", to_rfc3339_seconds(deployment.started_at),
                                   ago(deployment.started_at, now), deployment.started_by));
  facts.add("live since", deployment.cutover_at);
  facts.add("ended", deployment.ended_at);
  facts.add("good since", deployment.good_at);
  if (is_baking(deployment, now)) facts.add("bakes until", bakes_until(deployment));
  facts.add("failure", deployment.failure, Role::bad);
  if (deployment.infrastructure_changed)
    facts.add("infrastructure", *deployment.infrastructure_changed ? "changed" : "unchanged");
  facts.add("infra version", deployment.infrastructure_version);
  facts.add("artifacts", deployment.artifact_location);
  facts.add("one way", deployment.one_way, Role::warning);
  if (deployment.predecessor)
    facts.add("predecessor", fmt::format("{} ({})", deployment.predecessor->version.text,
                                         deployment.predecessor->deployment.text));
  if (deployment.rollback) facts.add("rollback", deployment.rollback->text);
  facts.add("rollbackReason", deployment.rollback_reason);
  facts.add("rollbackLevel", deployment.rollback_level);
  facts.add("rollbackTime", deployment.rollback_time);
  facts.add("rolled back to", deployment.rollback_target.text);
  if (deployment.replaces) facts.add("replaces", deployment.replaces->text);
  if (deployment.restores) facts.add("restores", deployment.restores->text);
  for (const auto& each : deployment.amendments)
    facts.add("amended",
              fmt::format("{} by {}, was {}: {}", to_rfc3339_seconds(each.at), each.by,
                          name_of(each.from), each.reason),
              Role::warning);
  for (const auto& alarm : deployment.baseline)
    facts.add("alarm before", fmt::format("{} {}", alarm.name, name_of(alarm.state)));
  return facts.take();
}

Screen rollback_screen(const Rollback& rollback, Instant now) {
  Facts facts;
  facts.add("rollback", rollback.id.text, Role::strong);
  facts.add("environment", rollback.environment.name);
  facts.add("level", name_of(rollback.level));
  facts.add("origin", fmt::format("{}, by {}", name_of(rollback.origin), rollback.requested_by));
  facts.add("state", rollback.outcome ? name_of(*rollback.outcome) : "under way",
            rollback.outcome == Outcome::escalated ? Role::bad : Role::plain);
  facts.add("why", rollback.why);
  facts.add("reason", rollback.reason);
  facts.add("rejected", fmt::format("{} ({})", rollback.rejected.version.text,
                                    rollback.rejected.deployment.text));
  facts.add("started", fmt::format("{} ({})", to_rfc3339_seconds(rollback.accepted_at),
                                   ago(rollback.accepted_at, now)));
  facts.add("deadline", rollback.deadline_at);
  facts.add("ended", rollback.ended_at);
  facts.add("incident", rollback.incident, Role::bad);
  if (rollback.handed_to) facts.add("handed to", rollback.handed_to->text);
  for (const auto& before : rollback.took_over) facts.add("took over", before.text);
  auto screen = facts.take();
  for (const auto& lane : rollback.lanes) {
    screen.emplace_back();
    append(screen, lane_screen(rollback, lane, rollback.ended_at.value_or(now)));
  }
  return screen;
}

Screen explain_screen(const RollbackView& view, bool verbose) {
  const Rollback& rollback = view.rollback;
  Screen screen{
      Line(fmt::format("{}: {} of {} in {}", rollback.id.text, name_of(rollback.level),
                       short_version(rollback.rejected.version), rollback.environment.name),
           Role::strong)};
  screen.push_back(Line("What began it", Role::strong));
  append(screen, triggers_part(view));
  if (!rollback.attribution.empty()) {
    screen.push_back(Line("Whose doing it is: ", Role::strong).add(rollback.attribution));
    for (const auto& evidence : rollback.evidence) screen.push_back("  " + evidence);
  }
  for (const auto& lane : rollback.lanes) {
    if (!lane.target && lane.refused.empty()) continue;
    screen.push_back(Line("What it could go back to in " + lane.environment.name, Role::strong));
    append(screen, targets_part(lane));
  }
  screen.push_back(Line("What was decided", Role::strong));
  for (const auto& stored : view.journal) {
    const auto& entry = stored.entry;
    Line line(fmt::format("  {} UTC  ", second_of_day(entry.at)), Role::muted);
    line.add(entry.kind).pad_to(42).add(entry.text);
    screen.push_back(std::move(line));
    for (const auto& [name, value] : entry.facts) {
      if (verbose)
        screen.push_back(Line(fmt::format("{:22}{} = {}", "", name, value), Role::muted));
    }
  }
  for (const auto& lane : rollback.lanes) {
    if (!lane.validation) continue;
    screen.push_back(Line("What was checked in " + lane.environment.name, Role::strong));
    append(screen, checks_screen(lane.validation->checks));
  }
  append(screen, outcome_screen(rollback));
  return screen;
}

}  // namespace stepback::cli
