// SPDX-License-Identifier: Apache-2.0
#include "domain/diagnosis.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace stepback {
namespace {

// What readiness looks at belongs to an issue each, and is mended by a command each.
struct Known {
  std::string_view check;
  Trouble about;
  std::string_view remedy;  // with the environment's name behind it
};
constexpr Known known[] = {
    {"target", Trouble::rollback, "stepback targets "},
    {"artifacts", Trouble::artifacts, "stepback targets "},
    {"budget", Trouble::rollback, "stepback rollback --dry-run "},
    {"data", Trouble::rollback, "stepback status "},
    {"live version", Trouble::records, "stepback verify "},
    {"pointer", Trouble::rollback, "stepback verify "},
    {"pipeline", Trouble::rollback, "stepback verify "},
    {"validation", Trouble::validation, "stepback verify "},
    {"trigger", Trouble::trigger, "stepback alarms "},
    {"automation", Trouble::trigger, "stepback status "},
    {"proof", Trouble::rollback, "stepback rollback --dry-run "},
    {"wiring", Trouble::trigger, "stepback alarms "},
};

struct Diagnosing {
  const DiagnosisFacts& facts;
  Instant now;
  std::vector<Symptom> symptoms;

  const std::string& environment() const { return facts.readiness.head.environment.name; }
  void add(Trouble about, Verdict verdict, std::string name, std::string evidence,
           std::string remedy) {
    if (verdict == Verdict::passed) remedy.clear();
    symptoms.push_back(
        {about, {std::move(name), verdict, std::move(evidence), {}}, std::move(remedy)});
  }

  void look_at_readiness(const Policy& policy) {
    for (auto& check : judge_readiness(facts.readiness, policy, now).checks) {
      const auto found = std::ranges::find(known, check.name, &Known::check);
      const bool is_known = found != std::ranges::end(known);
      const auto about = is_known ? found->about : Trouble::rollback;
      const auto remedy = std::string(is_known ? found->remedy : "stepback verify ");
      add(about, check.verdict, check.name, check.evidence, remedy + environment());
    }
  }

  void look_at_server() {
    add(Trouble::trigger, facts.server_is_alive ? Verdict::passed : Verdict::failed, "server",
        facts.server_is_alive ? "a server works on these records"
                              : "no server works on these records: nobody takes events in",
        "stepback serve");
  }

  // Events that came and could mean nothing: a wrong account, a name that no rule knows.
  void look_at_events() {
    const auto lost = std::ranges::find_if(facts.readiness.events, [](const TriggerRecord& event) {
      return event.disposition == Disposition::rejected;
    });
    if (lost == facts.readiness.events.end()) {
      add(Trouble::trigger, Verdict::passed, "events",
          fmt::format("{} recent ones, none turned away", facts.readiness.events.size()), "");
      return;
    }
    add(Trouble::trigger, Verdict::failed, "events", lost->signal.name + ": " + lost->why,
        "stepback config show");
  }

  void look_at_newest() {
    const auto& rollbacks = facts.readiness.rollbacks;
    const Rollback* newest = rollbacks.empty() ? nullptr : &rollbacks.front();
    if (newest == nullptr || !newest->outcome || *newest->outcome == Outcome::succeeded) {
      add(Trouble::rollback, Verdict::passed, "last rollback",
          newest == nullptr  ? "none yet"
          : !newest->outcome ? newest->id.text + " is at work"
                             : newest->id.text + " succeeded",
          "");
      return;
    }
    add(Trouble::rollback, Verdict::failed, "last rollback",
        fmt::format("{} {}: {}", newest->id.text, name_of(*newest->outcome), newest->why),
        "stepback explain " + newest->id.text);
  }

  void look_at_health() {
    for (const auto& alarm : facts.readiness.seen.alarms) {
      if (!alarm.roles.validate || alarm.state != AlarmState::alarm) continue;
      add(Trouble::validation, Verdict::failed, "alarm " + alarm.name, alarm.reason,
          "stepback verify " + environment());
    }
    for (const auto& probe : facts.readiness.seen.health) {
      if (!probe.seen || probe.healthy) continue;
      add(Trouble::validation, Verdict::failed, "health " + probe.name, probe.detail,
          "stepback verify " + environment());
    }
  }

  void look_at_records() {
    const auto orphan = std::ranges::find_if(facts.unfinished, [&](const Deployment& each) {
      return each.status == DeploymentStatus::in_progress && each.deadline_at < now;
    });
    if (orphan == facts.unfinished.end()) {
      add(Trouble::records, Verdict::passed, "unfinished", "no deployment is past its time", "");
      return;
    }
    add(Trouble::records, Verdict::failed, "unfinished",
        fmt::format("{} has been in progress since {}", orphan->id.text,
                    to_rfc3339_seconds(orphan->started_at)),
        "stepback deploy fail " + environment());
  }

  void look_at_people() {
    add(Trouble::notices, facts.unheard.empty() ? Verdict::passed : Verdict::failed, "unheard",
        facts.unheard.empty() ? "everybody has been told of everything"
                              : fmt::format("{} notices wait, the first: {}", facts.unheard.size(),
                                            facts.unheard.front()),
        "stepback config check");
    // Whether any is told when a rollback of this environment is left to people.
    const Notice call{.kind = NoticeKind::rollback_escalated, .environment = {environment()}};
    const auto channels = std::ranges::count_if(
        facts.people, [&](const Subscription& channel) { return channel.wants(call); });
    add(Trouble::notices, channels > 0 ? Verdict::passed : Verdict::failed, "channels",
        channels > 0 ? fmt::format("{} would tell people to act", channels)
                     : "nothing would tell people to act: add one to notify",
        "stepback config show");
    add(Trouble::notices, facts.contacts > 0 ? Verdict::passed : Verdict::failed, "contacts",
        facts.contacts > 0 ? fmt::format("{} are named", facts.contacts)
                           : "nobody is named: add contacts",
        "stepback config show");
  }
};

}  // namespace

std::vector<Symptom> diagnose(const DiagnosisFacts& facts, const Policy& policy, Instant now) {
  Diagnosing diagnosing{.facts = facts, .now = now, .symptoms = {}};
  diagnosing.look_at_server();
  diagnosing.look_at_events();
  diagnosing.look_at_readiness(policy);
  diagnosing.look_at_newest();
  diagnosing.look_at_health();
  diagnosing.look_at_records();
  diagnosing.look_at_people();
  std::ranges::stable_sort(diagnosing.symptoms, {}, &Symptom::about);
  return std::move(diagnosing.symptoms);
}

}  // namespace stepback
