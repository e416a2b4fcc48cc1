// SPDX-License-Identifier: Apache-2.0
#include "documents/standing.hpp"

#include <algorithm>
#include <utility>

namespace stepback {
namespace {

// Those that judge, in that state.
std::vector<const AlarmSeen*> alarms_in(const EnvironmentView& view, AlarmState state) {
  std::vector<const AlarmSeen*> found;
  if (!view.alarms) return found;
  for (const auto& alarm : *view.alarms) {
    const bool counts = alarm.roles.validate || alarm.roles.trigger;
    if (counts && alarm.state == state) found.push_back(&alarm);
  }
  return found;
}

}  // namespace

std::vector<const AlarmSeen*> red_alarms(const EnvironmentView& view) {
  return alarms_in(view, AlarmState::alarm);
}

Condition condition_of(const EnvironmentView& view, Instant now) {
  if (view.rollback && is_active(*view.rollback)) return Condition::rolling_back;
  if (view.head.waiting) return Condition::waiting_for_people;
  if (!view.current) return Condition::nothing_deployed;
  if (view.current->status == DeploymentStatus::in_progress) return Condition::deploying;
  if (!red_alarms(view).empty()) return Condition::alarm;
  if (view.current->status == DeploymentStatus::failed) return Condition::failed;
  const bool blind = !view.alarms || !alarms_in(view, AlarmState::insufficient_data).empty();
  if (blind) return Condition::not_known;
  return is_baking(*view.current, now) ? Condition::baking : Condition::healthy;
}

std::string_view words_of(Condition condition) {
  switch (condition) {
    case Condition::rolling_back: return "rolling back";
    case Condition::waiting_for_people: return "waits for people";
    case Condition::nothing_deployed: return "nothing deployed";
    case Condition::deploying: return "deploying";
    case Condition::alarm: return "alarm";
    case Condition::failed: return "failed";
    case Condition::not_known: return "not known";
    case Condition::baking: return "baking";
    case Condition::healthy: return "healthy";
  }
  std::unreachable();
}

std::string next_for(const EnvironmentView& view) {
  const auto& name = view.head.environment.name;
  if (view.rollback && is_active(*view.rollback)) return "stepback watch " + name;
  if (view.head.waiting) return "stepback explain " + view.head.waiting->rollback.text;
  if (!red_alarms(view).empty() && view.choice.target)
    return "stepback rollback " + name + " --dry-run";
  if (!view.choice.target && view.head.live) return "stepback targets " + name;
  return {};
}

std::vector<TargetLine> target_lines(const std::vector<Deployment>& history, const Choice& choice) {
  std::vector<TargetLine> lines;
  for (const auto& deployment : history) {
    const auto same_artifact = [&](const TargetLine& line) {
      return !deployment.digest.empty() && line.deployment.digest == deployment.digest;
    };
    if (std::ranges::any_of(lines, same_artifact)) continue;
    TargetLine line{.deployment = deployment};
    const auto refused = std::ranges::find_if(choice.refused, [&](const Refusal& refusal) {
      return refusal.release.deployment == deployment.id;
    });
    if (choice.target && choice.target->release.deployment == deployment.id) {
      line.standing = Standing::chosen;
      line.why = "the newest good one that nothing speaks against";
      line.files = choice.target->files;
    } else if (refused != choice.refused.end()) {
      line.standing = Standing::refused;
      line.why = refused->why;
    } else {
      line.why = "older than the chosen one";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace stepback
