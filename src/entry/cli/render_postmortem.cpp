// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_postmortem.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "entry/cli/text.hpp"

namespace stepback::cli {
namespace {

struct Prompts {
  std::string_view about;
  std::array<std::string_view, 4> points;
};
constexpr std::array<Prompts, 3> prompts{
    {{"Testing",
      {"a test of what failed here", "the coverage that is asked for",
       "property tests for the edges", "integration tests"}},
     {"Monitoring",
      {"an alarm that sees it earlier", "thresholds, in the light of this",
       "metrics that show more", "what the dashboard shows"}},
     {"Deploying",
      {"checks before it is deployed", "rules of the scans", "how a rollback is validated",
       "smoke tests after it is deployed"}}}};

// From outside: it may neither begin a heading nor close a block.
std::string plain(std::string_view text) {
  std::string line = escaped(text);
  std::ranges::replace(line, '`', '\'');
  std::ranges::replace(line, '|', '/');
  std::ranges::replace(line, '<', '(');
  return line;
}

std::string at(Instant instant) { return to_rfc3339_seconds(instant); }

// Null: its deployment is not on record.
const Deployment* failed_in(const Evidence& evidence) {
  const auto& id = evidence.view.rollback.rejected.deployment;
  const auto found = std::ranges::find(evidence.deployments, id, &Deployment::id);
  return found == evidence.deployments.end() ? nullptr : &*found;
}

std::string summary(const Evidence& evidence) {
  const auto& rollback = evidence.view.rollback;
  const Lane* lane = lane_of(rollback, rollback.environment);
  const auto target =
      lane != nullptr && lane->target ? lane->target->release.version.text : std::string("nothing");
  auto text = fmt::format("# Rollback of {} in {}\n\n", plain(rollback.rejected.version.text),
                          rollback.environment.name);
  text += fmt::format("- rollback: `{}`, level {}, by {}\n", rollback.id.text,
                      name_of(rollback.level), plain(rollback.requested_by));
  text +=
      fmt::format("- from `{}` to `{}`\n", plain(rollback.rejected.version.text), plain(target));
  text += fmt::format("- asked for {}\n", at(rollback.accepted_at));
  if (rollback.ended_at && rollback.outcome) {
    text += fmt::format("- ended {}: {}, after {}\n", at(*rollback.ended_at),
                        name_of(*rollback.outcome),
                        to_short(*rollback.ended_at - rollback.accepted_at));
  } else {
    text += "- it has not ended\n";
  }
  const Deployment* failed = failed_in(evidence);
  if (failed != nullptr && failed->cutover_at) {
    text += fmt::format("- the version was live from {}, for {}\n", at(*failed->cutover_at),
                        to_short(evidence.until - *failed->cutover_at));
  }
  if (!rollback.incident.empty()) text += "- incident: " + plain(rollback.incident) + "\n";
  return text + "- impact on users: no data; fill in\n\n";
}

std::string what_triggered(const Evidence& evidence) {
  const auto& rollback = evidence.view.rollback;
  auto text = plain(rollback.reason) + "\n";
  for (const auto& trigger : evidence.view.triggers) {
    text += fmt::format("\n- {}: {} by {}: {}", at(trigger.received_at), plain(trigger.signal.name),
                        plain(trigger.signal.source), plain(trigger.signal.reason));
  }
  for (const auto& each : rollback.evidence) text += "\n- evidence: " + plain(each);
  return text + "\n";
}

std::string what_changed(const Evidence& evidence) {
  const Deployment* found = failed_in(evidence);
  if (found == nullptr) return "no data: its deployment is not on record\n";
  const Deployment& failed = *found;
  const auto before = failed.predecessor ? failed.predecessor->version.text : std::string();
  std::string text = "- code: ";
  text += before.empty()
              ? "no data: nothing ran before it"
              : fmt::format("`git log {}..{}`", plain(before), plain(failed.version.text));
  text += "\n- infrastructure: ";
  text += !failed.infrastructure_changed   ? "no data: the deployer did not say"
          : *failed.infrastructure_changed ? "changed, to " + plain(failed.infrastructure_version)
                                           : "unchanged";
  text += "\n- data: ";
  text += failed.one_way.empty() ? "no change that closes the way back was declared"
                                 : plain(failed.one_way);
  return text + "\n- dependencies: no data\n";
}

std::string what_warned(const Evidence& evidence) {
  std::string text;
  for (const auto& event : evidence.events) {
    if (event.received_at >= evidence.view.rollback.accepted_at) continue;
    text += fmt::format("- {}: {} {}: {} ({})\n", at(event.received_at), plain(event.signal.name),
                        name_of(event.signal.state), name_of(event.disposition), plain(event.why));
  }
  for (const auto& deployment : evidence.deployments) {
    for (const auto& gate : deployment.gates) {
      if (gate.result == GateResult::pass) continue;
      text += fmt::format("- gate {} of {}: {}\n", name_of(gate.kind),
                          plain(deployment.version.text), plain(gate.why));
    }
    for (const auto& alarm : deployment.baseline) {
      if (alarm.state == AlarmState::alarm)
        text += fmt::format("- {} was red before {}\n", plain(alarm.name),
                            plain(deployment.version.text));
    }
  }
  for (const auto& log : evidence.now.logs) {
    for (const auto& sample : log.samples) text += "- log: " + plain(sample) + "\n";
  }
  return text.empty() ? "no data: no event, gate or log line of the two hours before says so\n"
                      : text;
}

std::string what_was_elsewhere(const Evidence& evidence) {
  std::string text;
  for (const auto& each : evidence.elsewhere) {
    text +=
        fmt::format("- {}: {} {}{}\n", each.environment.name, at(each.started_at),
                    name_of(each.status), each.failure.empty() ? "" : ": " + plain(each.failure));
  }
  return text.empty() ? "no data: it was deployed nowhere else\n" : text;
}

std::string pattern(const Evidence& evidence) {
  if (evidence.rollbacks.empty()) return "No other rollback in the thirty days before.\n";
  std::string text;
  for (const auto& each : evidence.rollbacks) {
    text +=
        fmt::format("- {} {}: {} from {}: {}\n", at(each.accepted_at), each.id.text,
                    each.environment.name, plain(each.rejected.version.text), plain(each.reason));
  }
  return text;
}

std::string timeline(const Evidence& evidence) {
  std::string text = "## Timeline\n\n";
  for (const auto& stored : evidence.view.journal) {
    text += fmt::format("- {} {} ({}): {}\n", at(stored.entry.at), stored.entry.kind,
                        plain(stored.entry.actor), plain(stored.entry.text));
  }
  return text + "\n";
}

}  // namespace

std::string postmortem(const Evidence& evidence) {
  auto text = summary(evidence) + timeline(evidence);
  text += "## What triggered it?\n\n" + what_triggered(evidence);
  text += "\n## What changed?\n\n" + what_changed(evidence);
  text += "\n## Were there warnings before?\n\n" + what_warned(evidence);
  text += "\n## Was it seen in another environment?\n\n" + what_was_elsewhere(evidence);
  text += "\n## Is there a pattern?\n\n" + pattern(evidence);
  text += "\n## What would have prevented it?\n";
  for (const auto& part : prompts) {
    text += fmt::format("\n{}:\n\n", part.about);
    for (const auto point : part.points) text += fmt::format("- [ ] {}\n", point);
  }
  const auto& failed = evidence.view.rollback.rejected.deployment;
  text += fmt::format(
      "\n## Fix and retest\n\n```\ngit checkout -b fix/rollback-issue-{}\n"
      "stepback hold list {}\n```\n",
      failed.text, evidence.view.rollback.environment.name);
  return text;
}

}  // namespace stepback::cli
