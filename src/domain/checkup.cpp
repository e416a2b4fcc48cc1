// SPDX-License-Identifier: Apache-2.0
#include "domain/checkup.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

struct Examining {
  const CheckupFacts& facts;
  Instant now;
  std::vector<Examined> all;

  const ReadinessFacts& seen() const { return facts.diagnosis.readiness; }
  const std::string& environment() const { return seen().head.environment.name; }
  std::string command(std::string_view verb) const {
    return fmt::format("stepback {} {}", verb, environment());
  }

  void well(Item item, std::string evidence) {
    all.push_back({item, Seen::well, std::move(evidence), ""});
  }
  void finding(Item item, std::string evidence, std::string remedy) {
    all.push_back({item, Seen::finding, std::move(evidence), std::move(remedy)});
  }
  void not_looked_at(Item item, std::string why) {
    all.push_back({item, Seen::not_looked_at, std::move(why), ""});
  }

  const WireSeen* wire(WirePart part) const {
    const auto found = std::ranges::find(facts.wires, part, &WireSeen::part);
    return found == facts.wires.end() ? nullptr : &*found;
  }
  // False: there is no such part here.
  bool by_wire(Item item, WirePart part, const std::string& remedy) {
    const auto* seen = wire(part);
    if (seen == nullptr) return false;
    if (!seen->looked) {
      not_looked_at(item, seen->detail);
    } else if (seen->sound) {
      well(item, seen->detail);
    } else {
      finding(item, seen->detail, remedy);
    }
    return true;
  }

  void look_at_function_logs() {
    if (by_wire(Item::function_logs, WirePart::function_log,
                fmt::format("stepback logs {} --level error --since 1h", environment())))
      return;
    if (facts.complaints.empty())
      return well(Item::function_logs, "nothing went wrong in the journal of the last hour");
    finding(Item::function_logs,
            fmt::format("{} complaints in the last hour, the newest: {}", facts.complaints.size(),
                        facts.complaints.back()),
            fmt::format("stepback logs {} --level error --since 1h", environment()));
  }

  void look_at_rule() {
    const auto* function = wire(WirePart::function);
    if (function != nullptr && function->looked && !function->sound)
      return finding(Item::rule, function->detail, command("trigger") + " --alarm NAME");
    if (by_wire(Item::rule, WirePart::rule, command("trigger") + " --alarm NAME")) return;
    if (facts.diagnosis.server_is_alive)
      return well(Item::rule, "a server works on these records and takes events in");
    finding(Item::rule, "nobody takes events in: no server works on these records",
            "stepback serve");
  }

  void look_at_previous_record() {
    const auto& target = seen().choice.target;
    if (target)
      return well(Item::previous_record, fmt::format("{} ({})", target->release.version.text,
                                                     target->release.deployment.text));
    finding(Item::previous_record, "no earlier deployment can be gone back to", command("targets"));
  }

  void look_at_artifacts() {
    const auto& target = seen().choice.target;
    if (!target) return not_looked_at(Item::artifacts, "there is no target to look for");
    const auto& version = target->release.version.text;
    const auto text =
        fmt::format("{} {}{}", version, name_of(target->artifacts),
                    target->artifact_detail.empty() ? "" : ": " + target->artifact_detail);
    if (target->artifacts == ArtifactState::present) return well(Item::artifacts, text);
    finding(Item::artifacts, text, command("artifacts") + " --version " + version);
  }

  // By trying: what a rollback reads was read just now.
  void look_at_permissions() {
    std::string denied;
    const auto add = [&](const std::string& what) {
      if (!what.empty()) denied += (denied.empty() ? "" : "; ") + what;
    };
    add(seen().no_pointer);
    add(seen().no_pipeline);
    for (const auto& each : seen().seen.unseen) add(each);
    const auto* identity = wire(WirePart::identity);
    if (identity != nullptr && identity->looked && !identity->sound) add(identity->detail);
    const auto who = identity != nullptr && identity->looked ? " as " + identity->detail : "";
    if (denied.empty())
      return well(
          Item::permissions,
          fmt::format("the pointer, the pipeline, alarms, health, logs and the version were "
                      "read{}",
                      who));
    finding(Item::permissions, "not everything that a rollback needs can be read: " + denied,
            command("verify"));
  }

  void look_at_alarms() {
    std::string wrong;
    std::size_t triggers = 0;
    for (const auto& alarm : seen().seen.alarms) {
      if (alarm.roles.trigger) ++triggers;
      const bool counts = alarm.roles.trigger || alarm.roles.validate;
      if (!alarm.exists || (counts && !alarm.enabled))
        wrong += fmt::format("{}{} {}", wrong.empty() ? "" : "; ", alarm.name,
                             alarm.exists ? "has its actions off" : "is not there any more");
    }
    if (triggers == 0) wrong += (wrong.empty() ? "" : "; ") + std::string("none starts a rollback");
    if (wrong.empty())
      return well(Item::alarm_configuration, fmt::format("{} alarms, {} of which start a rollback",
                                                         seen().seen.alarms.size(), triggers));
    finding(Item::alarm_configuration, wrong, command("alarms"));
  }

  void look_at_drift() {
    if (by_wire(Item::drift, WirePart::drift, command("status"))) return;
    not_looked_at(Item::drift, "no stacks are configured, so nobody knows of their drift");
  }

  void look_at_network() {
    std::string trouble;
    for (const auto& probe : seen().seen.health) {
      if (!probe.seen) trouble += (trouble.empty() ? "" : "; ") + probe.name + ": " + probe.detail;
    }
    for (const auto& alarm : seen().seen.alarms) {
      if (alarm.roles.provider && alarm.state == AlarmState::alarm)
        trouble += (trouble.empty() ? "" : "; ") + alarm.name + " is red: the provider's trouble";
    }
    if (!trouble.empty()) return finding(Item::network, trouble, command("health"));
    if (seen().seen.health.empty() && wire(WirePart::identity) == nullptr)
      return not_looked_at(Item::network, "nothing that could be reached is configured");
    well(Item::network, "what is configured answers");
  }

  void look_at_dead_letters() {
    if (by_wire(Item::dead_letters, WirePart::dead_letters, command("history"))) return;
    const auto& unheard = facts.diagnosis.unheard;
    if (unheard.empty())
      return well(Item::dead_letters, "no event and no notice lies there undelivered");
    finding(Item::dead_letters, unheard.front(), "stepback notify test");
  }

  void look_at_pipeline() {
    const auto* changed = wire(WirePart::pipeline_changes);
    if (changed == nullptr)
      return not_looked_at(Item::pipeline_changes,
                           "the pipeline is no service's, so nobody knows when it was changed");
    const auto& current = seen().current;
    const bool after = changed->looked && changed->changed_at && current &&
                       *changed->changed_at > current->started_at;
    if (after)
      return finding(Item::pipeline_changes,
                     changed->detail + ", after the newest deployment began", command("pipeline"));
    by_wire(Item::pipeline_changes, WirePart::pipeline_changes, command("pipeline"));
  }

  void look_at_secrets() {
    if (facts.unread_secrets.empty())
      return well(Item::secrets, "every secret that is referred to can be read");
    std::string names;
    for (const auto& each : facts.unread_secrets) names += (names.empty() ? "" : "; ") + each;
    finding(Item::secrets, names, "stepback config check");
  }

  void look_at_locks() {
    const auto& head = seen().head;
    const auto slot = std::ranges::find_if(facts.drift, [](const Drift& each) {
      return each.check.name == "slot" && each.check.verdict == Verdict::failed;
    });
    const auto orphan = std::ranges::find_if(facts.drift, [](const Drift& each) {
      return each.check.name.starts_with("unfinished ") && each.check.verdict == Verdict::failed;
    });
    if (slot != facts.drift.end()) return finding(Item::locks, slot->check.evidence, slot->remedy);
    if (orphan != facts.drift.end())
      return finding(Item::locks, orphan->check.name + ": " + orphan->check.evidence,
                     orphan->remedy);
    if (head.waiting)
      return finding(Item::locks, "it waits for people: " + head.waiting->incident,
                     command("hold release") + " --reason TEXT");
    if (head.brake)
      return finding(Item::locks, "the brake is on: " + head.brake->reason,
                     command("hold release") + " --reason TEXT");
    well(Item::locks, head.slot ? head.slot->text + " is at work" : "nothing holds it");
  }

  void look_at_anomalies(const Policy& policy) {
    std::size_t recent = 0;
    for (const auto& each : seen().rollbacks)
      if (each.origin == Origin::automatic && each.accepted_at > now - hours(24)) ++recent;
    std::string odd;
    for (const auto& log : seen().seen.logs) {
      if (log.critical > 0 || log.errors > 0)
        odd += fmt::format("{}{}: {} errors, {} critical; {:.1f} a minute are usual",
                           odd.empty() ? "" : "; ", log.name, log.errors, log.critical,
                           log.usual_errors_per_minute);
    }
    if (recent > static_cast<std::size_t>(policy.brake_count))
      odd += fmt::format("{}{} automatic rollbacks in a day", odd.empty() ? "" : "; ", recent);
    if (odd.empty())
      return well(Item::anomalies,
                  fmt::format("{} automatic rollbacks in a day, and quiet logs", recent));
    finding(Item::anomalies, odd, fmt::format("stepback metrics {} --since 24h", environment()));
  }

  void look_at_sources() {
    if (!facts.sources_known)
      return not_looked_at(Item::sources, "nobody said where the sources are");
    const auto drift = std::ranges::find_if(
        facts.drift, [](const Drift& each) { return each.check.name == "repository"; });
    if (drift == facts.drift.end())
      return not_looked_at(Item::sources, "the repository could not be asked");
    if (drift->check.verdict == Verdict::passed) return well(Item::sources, drift->check.evidence);
    finding(Item::sources, drift->check.evidence, drift->remedy);
  }

  void look_at_retention(const Policy& policy) {
    const auto& kept = facts.retention;
    if (!kept.looked) return not_looked_at(Item::retention, kept.detail);
    if (kept.kept && *kept.kept < policy.keep)
      return finding(Item::retention,
                     fmt::format("{}: artifacts go after {}, and records stay for {}", kept.detail,
                                 to_short(*kept.kept), to_short(policy.keep)),
                     command("artifacts"));
    well(Item::retention, kept.detail);
  }
};

}  // namespace

std::vector<Examined> examine(const CheckupFacts& facts, const Policy& policy, Instant now) {
  Examining examining{.facts = facts, .now = now, .all = {}};
  examining.look_at_function_logs();
  examining.look_at_rule();
  examining.look_at_previous_record();
  examining.look_at_artifacts();
  examining.look_at_permissions();
  examining.look_at_alarms();
  examining.look_at_drift();
  examining.look_at_network();
  examining.look_at_dead_letters();
  examining.look_at_pipeline();
  examining.look_at_secrets();
  examining.look_at_locks();
  examining.look_at_anomalies(policy);
  examining.look_at_sources();
  examining.look_at_retention(policy);
  return std::move(examining.all);
}

}  // namespace stepback
