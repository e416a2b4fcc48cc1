// SPDX-License-Identifier: Apache-2.0
#include "domain/drift.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "domain/deploying.hpp"

namespace stepback {
namespace {

std::string named_or_nothing(const Version& version) {
  return version.empty() ? "nothing" : version.text;
}

bool same_release(const Release& release, const Version& version, const Digest& digest) {
  if (!release.digest.empty() && !digest.empty()) return release.digest == digest;
  return release.version == version;
}

struct Comparing {
  const DriftFacts& facts;
  Instant now;
  std::vector<Drift> found;

  const std::string& environment() const { return facts.head.environment.name; }

  Drift& add(std::string name, Verdict verdict, std::string evidence, std::string remedy = "") {
    found.push_back({.check = {std::move(name), verdict, std::move(evidence), {}},
                     .remedy = verdict == Verdict::passed ? "" : std::move(remedy),
                     .deployment = {}});
    return found.back();
  }
  std::string mending() const { return "stepback reconcile " + environment() + " --fix"; }

  // The newest record of what the marker names: what was live last under that name.
  const Deployment* record_of_marker() const {
    const auto same = std::ranges::find_if(facts.deployments, [&](const Deployment& each) {
      return each.version == facts.marker.version && each.cutover_at &&
             (facts.marker.digest.empty() || each.digest.empty() ||
              each.digest == facts.marker.digest);
    });
    return same == facts.deployments.end() ? nullptr : &*same;
  }

  void look_at_current() {
    const auto& head = facts.head;
    if (!head.current && facts.deployments.empty()) {
      add("head", Verdict::passed, "nothing was deployed yet");
      return;
    }
    if (!head.current || !facts.current) {
      add("head", Verdict::failed,
          head.current ? head.current->text + " is the current deployment, and its record is gone"
                       : "deployments are on record, and none is named as the current one",
          "stepback audit verify");
      return;
    }
    const auto& newest = facts.deployments.empty() ? *facts.current : facts.deployments.front();
    const bool same = newest.id == *head.current;
    add("head", same ? Verdict::passed : Verdict::failed,
        same ? head.current->text + " is the newest record, and the current one"
             : fmt::format("{} is the current deployment, and {} began after it",
                           head.current->text, newest.id.text),
        "stepback show " + newest.id.text);
  }

  void look_at_slot() {
    const auto& head = facts.head;
    if (head.slot && !facts.slot) {
      add("slot", Verdict::failed, head.slot->text + " owns the environment, and has no record",
          "stepback audit verify");
    } else if (facts.slot && facts.slot->outcome) {
      add("slot", Verdict::failed,
          fmt::format("{} owns the environment, and has ended: nothing can be deployed",
                      head.slot->text),
          mending())
          .mend = Mend::free_slot;
    } else {
      const auto lost = std::ranges::find_if(facts.active, [&](const Rollback& each) {
        return each.level == Level::stage && head.slot != each.id;
      });
      add("slot", lost == facts.active.end() ? Verdict::passed : Verdict::failed,
          lost == facts.active.end() ? (head.slot ? head.slot->text + " is at work" : "free")
                                     : lost->id.text + " has not ended, and owns nothing",
          lost == facts.active.end() ? "" : "stepback watch " + lost->id.text);
    }
    if (head.waiting && !facts.waiting) {
      add("waiting", Verdict::failed,
          fmt::format("it waits for people because of {}, which has no record",
                      head.waiting->rollback.text),
          fmt::format("stepback hold release {} --reason TEXT", environment()));
    }
  }

  void look_at_unfinished() {
    bool any = false;
    for (const auto& each : facts.deployments) {
      if (each.status != DeploymentStatus::in_progress) continue;
      const bool superseded = facts.head.current != each.id;
      const bool dead = std::ranges::find(facts.abandoned, each.id) != facts.abandoned.end();
      const bool overdue = each.deadline_at < now;
      if (!superseded && !dead && !overdue) continue;
      any = true;
      const auto why = superseded ? "another deployment came after it"
                       : dead     ? "its deployer has died"
                                  : "it is past its time";
      const bool touches = !superseded && has_touched(each);
      auto& drift =
          add("unfinished " + each.id.text, Verdict::failed,
              fmt::format("in progress since {}, and {}", to_rfc3339_seconds(each.started_at), why),
              touches ? "stepback deploy fail " + environment() : mending());
      drift.deployment = each.id;
      if (!touches && !facts.head.slot) drift.mend = Mend::close_orphan;
    }
    if (!any) add("unfinished", Verdict::passed, "no record is left in progress");
  }

  void look_at_marker() {
    const auto& marker = facts.marker;
    if (!marker.seen) {
      add("marker", Verdict::inconclusive, "it could not be read: " + marker.detail,
          "stepback verify " + environment());
      return;
    }
    if (facts.head.slot) {
      add("marker", Verdict::inconclusive, "a rollback is at work: ask again when it has ended",
          "stepback watch " + facts.head.slot->text);
      return;
    }
    const auto live = facts.head.live.value_or(Release{});
    if (same_release(live, marker.version, marker.digest)) {
      add("marker", marker.settled ? Verdict::passed : Verdict::inconclusive,
          marker.settled ? named_or_nothing(marker.version) + ", as recorded"
                         : marker.version.text + ", and what follows the switch has not been seen",
          "stepback verify " + environment());
    } else {
      const auto* record = record_of_marker();
      auto& drift =
          add("marker", Verdict::failed,
              fmt::format("it names {}, and {} is recorded as live",
                          named_or_nothing(marker.version), named_or_nothing(live.version)),
              record != nullptr ? mending()
                                : fmt::format("stepback deploy start {} --version {}",
                                              environment(), named_or_nothing(marker.version)));
      if (record != nullptr) {
        drift.mend = Mend::adopt_marker;
        drift.deployment = record->id;
      }
    }
    if (marker.operation > facts.head.operations) {
      add("number", Verdict::failed,
          fmt::format("the marker was written under number {}, and only {} were given out: the "
                      "records are older than the world, or somebody else writes there",
                      marker.operation, facts.head.operations),
          mending())
          .mend = Mend::raise_number;
    } else {
      add("number", Verdict::passed,
          fmt::format("{} of {} given out", marker.operation, facts.head.operations));
    }
  }

  void look_at_running() {
    const auto& running = facts.running;
    if (!running.seen) {
      add("running", Verdict::inconclusive, "what runs could not be asked: " + running.detail,
          "stepback verify " + environment());
      return;
    }
    if (!facts.marker.seen || facts.head.slot) return;
    const bool same = same_release({.version = facts.marker.version, .digest = facts.marker.digest},
                                   running.version, running.digest);
    add("running", same ? Verdict::passed : Verdict::failed,
        same ? running.version.text + " runs"
             : fmt::format("{} runs, and the marker names {}", named_or_nothing(running.version),
                           named_or_nothing(facts.marker.version)),
        "stepback rollback " + environment() + " --dry-run");
  }

  void look_at_artifacts() {
    std::size_t sound = 0;
    for (const auto& each : facts.artifacts) {
      if (each.state == ArtifactState::present) {
        ++sound;
        continue;
      }
      add("artifacts " + each.release.version.text, Verdict::failed,
          fmt::format("{}: {}", name_of(each.state), each.detail),
          fmt::format("stepback artifacts {} --version {}", environment(),
                      each.release.version.text))
          .deployment = each.release.deployment;
    }
    if (facts.artifacts.empty()) {
      add("artifacts", Verdict::failed, "no release is on record that could be gone back to",
          "stepback targets " + environment());
    } else if (sound == facts.artifacts.size()) {
      add("artifacts", Verdict::passed,
          fmt::format("{} releases to go back to, each as recorded", sound));
    }
  }

  void look_at_repository() {
    if (!facts.strangers) return;
    std::string names;
    for (const auto& each : *facts.strangers) names += (names.empty() ? "" : ", ") + each.text;
    add("repository", names.empty() ? Verdict::passed : Verdict::inconclusive,
        names.empty() ? "the recent versions are commits of it"
                      : "it knows no commits by these names: " + names,
        "stepback history " + environment());
  }
};

JournalEntry entry_of(const Drift& drift, const Environment& environment, const std::string& by,
                      Instant now) {
  return {.environment = environment,
          .at = now,
          .kind = "record.reconciled",
          .actor = by,
          .rollback = {},
          .deployment = drift.deployment,
          .text = drift.check.name + ": " + drift.check.evidence,
          .facts = {{"mend", std::string(name_of(drift.mend))}}};
}

const Deployment* deployment_in(const DriftFacts& facts, const std::optional<DeploymentId>& id) {
  const auto found = std::ranges::find_if(
      facts.deployments, [&](const Deployment& each) { return id && each.id == *id; });
  return found == facts.deployments.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Drift> find_drift(const DriftFacts& facts, Instant now) {
  Comparing comparing{.facts = facts, .now = now, .found = {}};
  comparing.look_at_current();
  comparing.look_at_slot();
  comparing.look_at_unfinished();
  comparing.look_at_marker();
  comparing.look_at_running();
  comparing.look_at_artifacts();
  comparing.look_at_repository();
  return std::move(comparing.found);
}

Result<Mended> mend_drift(const Drift& drift, const DriftFacts& facts, const std::string& by,
                          Instant now) {
  Mended mended{.head = facts.head, .deployment = {}, .journal = {}, .notices = {}};
  const auto* deployment = deployment_in(facts, drift.deployment);
  switch (drift.mend) {
    case Mend::none: return fail(Code::denied, drift.check.name + " is nothing to mend unasked");
    case Mend::close_orphan: {
      if (deployment == nullptr) return fail(Code::conflict, "its record is not there any more");
      auto change = TRY(amend_deployment(facts.head, *deployment,
                                         {.status = DeploymentStatus::failed,
                                          .ended_at = {},
                                          .by = by,
                                          .reason = drift.check.evidence},
                                         now));
      mended.head = std::move(change.head);
      mended.deployment = std::move(change.deployment);
      mended.journal = std::move(change.journal);
      mended.notices = std::move(change.notices);
      break;
    }
    case Mend::free_slot: mended.head.slot.reset(); break;
    case Mend::adopt_marker:
      if (deployment == nullptr) return fail(Code::conflict, "its record is not there any more");
      mended.head.live = Release{deployment->id, deployment->version, deployment->digest};
      break;
    case Mend::raise_number: mended.head.operations = facts.marker.operation; break;
  }
  mended.journal.push_back(entry_of(drift, facts.head.environment, by, now));
  return mended;
}

}  // namespace stepback
