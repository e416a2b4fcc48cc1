// SPDX-License-Identifier: Apache-2.0
#include "domain/deploying.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace stepback {

void note(DeployChange& change, Instant now, std::string kind, std::string actor,
          std::string text) {
  JournalEntry entry{.environment = change.head.environment, .at = now, .kind = std::move(kind)};
  entry.actor = std::move(actor);
  if (!change.deployment.id.empty()) entry.deployment = change.deployment.id;
  entry.text = std::move(text);
  change.journal.push_back(std::move(entry));
}

namespace {

Result<> still_in_progress(const Head& head, const Deployment& deployment) {
  if (deployment.status != DeploymentStatus::in_progress) {
    return fail(Code::conflict,
                fmt::format("{} is {} already", deployment.id.text, name_of(deployment.status)));
  }
  if (head.current != deployment.id) {
    return fail(Code::conflict, deployment.id.text + " is no longer the current deployment of " +
                                    head.environment.name);
  }
  return {};
}

Result<> environment_free(const Head& head) {
  if (head.slot) {
    return fail(Code::conflict, fmt::format("{} is held by {}, which is rolling it back",
                                            head.environment.name, head.slot->text));
  }
  return {};
}

Result<> not_held(const Head& head, const Version& version, const Digest& digest) {
  if (const Hold* hold = hold_on(head, version, digest)) {
    return fail(Code::denied, fmt::format("{} is held in {}: {}", version.text,
                                          head.environment.name, hold->reason));
  }
  return {};
}

Release release_of(const Deployment& deployment) {
  return {deployment.id, deployment.version, deployment.digest};
}

// A hold that waits for a fix ends when another release has succeeded.
void lift_fixed_holds(DeployChange& change, Instant now) {
  auto& holds = change.head.holds;
  for (const auto& hold : holds) {
    if (hold.until != HoldUntil::fixed) continue;
    note(change, now, "hold.lifted", change.deployment.started_by,
         fmt::format("{} succeeded, so {} is no longer kept out", change.deployment.version.text,
                     hold.version.text));
  }
  std::erase_if(holds, [](const Hold& hold) { return hold.until == HoldUntil::fixed; });
}

// Whoever kept a version out lets it in again; a person's own word is not lifted so.
bool lift_hold_of(DeployChange& change, const Version& version, const std::string& by,
                  Instant now) {
  const auto lifted = std::erase_if(change.head.holds, [&](const Hold& hold) {
    return hold.until == HoldUntil::fixed && same_commit(hold.version, version) && hold.by == by;
  });
  if (lifted > 0)
    note(change, now, "hold.lifted", by, version.text + " passed what had kept it out");
  return lifted > 0;
}

// What a person held stays held; what the rollback held is what is now wanted back.
void lift_hold_of_rollback(DeployChange& change, const DeployRequest& request, Instant now) {
  const Hold* hold = hold_on(change.head, request.version, request.digest);
  if (hold == nullptr || !hold->rollback) return;
  note(change, now, "hold.lifted", request.started_by,
       fmt::format("{} is brought back, so {} is undone", request.version.text,
                   request.undoes->text));
  std::erase_if(change.head.holds, [held = *hold](const Hold& each) { return each == held; });
}

// Told before anything of it ships.
Notice door_closes(const Deployment& deployment, Instant now) {
  Notice notice{.key = deployment.id.text + "/door_closes",
                .kind = NoticeKind::door_closes,
                .severity = Severity::warning};
  notice.environment = deployment.environment;
  notice.current_version = deployment.version;
  if (deployment.predecessor) notice.target_version = deployment.predecessor->version;
  notice.deployment = deployment.id;
  notice.at = now;
  notice.requested_by = deployment.started_by;
  notice.validation_status = "pending";
  notice.reason = "going back from it loses data: " + deployment.one_way;
  notice.next_command = "stepback ready " + deployment.environment.name;
  return notice;
}

Result<> may_be_amended(const Head& head, const Deployment& deployment, const AmendRequest& request,
                        Instant now) {
  TRY(environment_free(head));
  if (request.reason.empty()) return fail(Code::invalid, "a correction needs a reason");
  if (request.status == DeploymentStatus::in_progress)
    return fail(Code::invalid, "what has ended is not in progress again: deploy it anew");
  if (request.ended_at && (*request.ended_at < deployment.started_at || *request.ended_at > now)) {
    return fail(Code::invalid,
                fmt::format("it cannot have ended at {}: it began at {}, and now is {}",
                            to_rfc3339_seconds(*request.ended_at),
                            to_rfc3339_seconds(deployment.started_at), to_rfc3339_seconds(now)));
  }
  const bool other_end = request.ended_at && request.ended_at != deployment.ended_at;
  if (request.status == deployment.status && !other_end) {
    return fail(Code::conflict,
                fmt::format("{} is {} already", deployment.id.text, name_of(deployment.status)));
  }
  const bool runs = head.current == deployment.id && has_touched(deployment);
  if (runs && request.status == DeploymentStatus::failed &&
      deployment.status != DeploymentStatus::failed) {
    return fail(Code::conflict, fmt::format("{} is what runs in {}, and what failed there is taken "
                                            "back: that is a rollback, and no correction",
                                            deployment.id.text, head.environment.name));
  }
  return {};
}

}  // namespace

Result<DeployChange> begin_deployment(Head head, const std::optional<Deployment>& current,
                                      const DeployRequest& request, Instant now,
                                      const Policy& policy, DeploymentId id) {
  TRY(environment_free(head));
  if (head.waiting) {
    return fail(Code::denied,
                fmt::format("{} waits for people since {} ({}); roll it back by hand or hand it "
                            "back: stepback hold release {} --reason TEXT",
                            head.environment.name, to_rfc3339_seconds(head.waiting->since),
                            head.waiting->incident, head.environment.name));
  }
  DeployChange change{.head = std::move(head)};
  if (request.undoes) lift_hold_of_rollback(change, request, now);
  TRY(not_held(change.head, request.version, request.digest));
  if (!request.one_way.empty() && policy.refuse_one_way && !request.one_way_confirmed) {
    return fail(Code::denied, fmt::format("it closes the way back ({}), and policy wants that "
                                          "confirmed: --accept-one-way",
                                          request.one_way));
  }
  if (current && current->status == DeploymentStatus::in_progress) {
    return fail(Code::conflict,
                fmt::format("{} is deploying {} already", current->id.text, current->version.text));
  }
  change.deployment = {.id = std::move(id),
                       .environment = request.environment,
                       .version = request.version,
                       .digest = request.digest,
                       .started_at = now};
  Deployment& deployment = change.deployment;
  deployment.deadline_at = now + policy.deploy_limit;
  deployment.bake = policy.bake;
  deployment.started_by = request.started_by;
  deployment.holder = request.holder;
  deployment.infrastructure_changed = request.infrastructure_changed;
  deployment.infrastructure_version = request.infrastructure_version;
  deployment.artifact_location = request.artifact_location;
  deployment.one_way = request.one_way;
  deployment.predecessor = change.head.live;
  deployment.baseline = request.baseline;
  std::ranges::copy_if(
      change.head.gates, std::back_inserter(deployment.gates),
      [&](const GateRecord& gate) { return same_commit(gate.version, request.version); });
  change.head.current = deployment.id;
  note(change, now, "deployment.started", request.started_by,
       fmt::format("{}, after {}", request.version.text,
                   deployment.predecessor ? deployment.predecessor->version.text : "nothing"));
  if (!deployment.one_way.empty()) change.notices.push_back(door_closes(deployment, now));
  return change;
}

Result<DeployChange> number_switch(Head head, Deployment deployment, Instant now) {
  TRY(still_in_progress(head, deployment));
  TRY(environment_free(head));
  // A gate may have failed since it began, and nothing of it is live yet.
  TRY(not_held(head, deployment.version, deployment.digest));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  ++change.head.operations;
  note(change, now, "deployment.switching", change.deployment.started_by,
       fmt::format("{} under number {}", change.deployment.version.text, change.head.operations));
  return change;
}

Result<DeployChange> note_cutover(Head head, Deployment deployment, Instant now) {
  TRY(still_in_progress(head, deployment));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  change.deployment.cutover_at = now;
  change.head.live = release_of(change.deployment);
  note(change, now, "deployment.live", change.deployment.started_by,
       change.deployment.version.text + " is live");
  return change;
}

Notice deployment_ended(const Deployment& deployment, Instant now) {
  const bool succeeded = deployment.status == DeploymentStatus::succeeded;
  Notice notice{.key = deployment.id.text + "/ended", .kind = NoticeKind::deployment_ended};
  notice.environment = deployment.environment;
  notice.current_version = deployment.version;
  if (deployment.predecessor) notice.target_version = deployment.predecessor->version;
  notice.deployment = deployment.id;
  notice.at = now;
  notice.requested_by = deployment.started_by;
  notice.validation_status = succeeded ? "success" : "failed";
  notice.reason = deployment.failure;
  notice.took = now - deployment.started_at;
  notice.next_command = "stepback status " + deployment.environment.name;
  return notice;
}

Result<DeployChange> succeed_deployment(Head head, Deployment deployment, Instant now) {
  TRY(still_in_progress(head, deployment));
  TRY(environment_free(head));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  Deployment& done = change.deployment;
  done.status = DeploymentStatus::succeeded;
  done.ended_at = now;
  if (!done.cutover_at) done.cutover_at = now;
  change.head.live = release_of(done);
  change.head.brake.reset();
  lift_fixed_holds(change, now);
  note(change, now, "deployment.succeeded", done.started_by,
       fmt::format("{}; bakes until {}", done.version.text, to_rfc3339_seconds(bakes_until(done))));
  change.notices.push_back(deployment_ended(done, now));
  return change;
}

Result<DeployChange> fail_deployment(Head head, Deployment deployment, const std::string& why,
                                     Instant now) {
  TRY(still_in_progress(head, deployment));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  change.deployment.status = DeploymentStatus::failed;
  change.deployment.failure = why;
  change.deployment.ended_at = now;
  note(change, now, "deployment.failed", change.deployment.started_by, why);
  change.notices.push_back(deployment_ended(change.deployment, now));
  return change;
}

Result<DeployChange> finish_baking(Head head, Deployment deployment, Instant now) {
  if (deployment.status != DeploymentStatus::succeeded || deployment.good_at) {
    return fail(Code::conflict, deployment.id.text + " is not baking");
  }
  if (now < bakes_until(deployment)) {
    return fail(Code::conflict,
                deployment.id.text + " bakes until " + to_rfc3339_seconds(bakes_until(deployment)));
  }
  TRY(environment_free(head));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  change.deployment.good_at = now;
  note(change, now, "deployment.good", "automation",
       change.deployment.version.text + " has baked: it may be gone back to");
  return change;
}

Result<DeployChange> amend_deployment(Head head, Deployment deployment, const AmendRequest& request,
                                      Instant now) {
  TRY(may_be_amended(head, deployment, request, now));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  Deployment& amended = change.deployment;
  const auto before = amended.status;
  amended.amendments.push_back({.at = now,
                                .by = request.by,
                                .reason = request.reason,
                                .from = before,
                                .to = request.status,
                                .ended_before = amended.ended_at});
  amended.status = request.status;
  amended.ended_at = request.ended_at ? request.ended_at : amended.ended_at.value_or(now);
  // Only what is judged anew may be gone back to.
  if (before != request.status) amended.good_at.reset();
  if (request.status == DeploymentStatus::failed && amended.failure.empty())
    amended.failure = request.reason;
  if (request.status == DeploymentStatus::rolled_back) {
    amended.rollback_level = "manual";
    amended.rollback_reason = request.reason;
    amended.rollback_time = amended.ended_at;
  }
  note(change, now, "record.amended", request.by,
       fmt::format("{} {}: {}", name_of(before), name_of(request.status), request.reason));
  change.journal.back().facts = {{"from", std::string(name_of(before))},
                                 {"to", std::string(name_of(request.status))},
                                 {"ended", to_rfc3339(*amended.ended_at)}};
  if (before == DeploymentStatus::in_progress)
    change.notices.push_back(deployment_ended(amended, now));
  return change;
}

Result<DeployChange> hand_back(Head head, const std::string& by, const std::string& reason,
                               Instant now) {
  if (!head.waiting && !head.brake) {
    return fail(Code::not_found, head.environment.name + " waits for nobody, and no brake is on");
  }
  DeployChange change{.head = std::move(head)};
  const auto tell = [&](std::optional<RollbackId> rollback) {
    Notice notice{.key = fmt::format("{}/handed_back/{}{}", change.head.environment.name, now.ms,
                                     rollback ? "/" + rollback->text : ""),
                  .kind = NoticeKind::handed_back};
    notice.environment = change.head.environment;
    notice.rollback = std::move(rollback);
    if (change.head.live) notice.current_version = change.head.live->version;
    notice.at = now;
    notice.requested_by = by;
    notice.validation_status = "pending";
    notice.reason = reason;
    notice.next_command = "stepback status " + change.head.environment.name;
    change.notices.push_back(std::move(notice));
  };
  // One for each thing that people may have been woken for.
  if (change.head.waiting) tell(change.head.waiting->rollback);
  if (change.head.brake) tell(std::nullopt);
  change.head.waiting.reset();
  change.head.brake.reset();
  note(change, now, "environment.handed_back", by, reason);
  return change;
}

Result<DeployChange> add_hold_by_hand(Head head, Hold hold, Instant now) {
  DeployChange change{.head = std::move(head)};
  note(change, now, "hold.added", hold.by, hold.version.text + ": " + hold.reason);
  add_hold(change.head, std::move(hold));
  return change;
}

Result<DeployChange> release_hold_by_hand(Head head, const Version& version, const std::string& by,
                                          const std::string& reason, Instant now) {
  DeployChange change{.head = std::move(head)};
  if (!release_hold(change.head, version)) {
    return fail(Code::not_found, version.text + " is not held in " + change.head.environment.name);
  }
  note(change, now, "hold.released", by, version.text + ": " + reason);
  return change;
}

Result<DeployChange> note_verdict(Head head, std::optional<Deployment> current, GateRecord gate,
                                  const std::string& by, Instant now) {
  DeployChange change{.head = std::move(head)};
  if (current && same_commit(current->version, gate.version)) {
    change.deployment = *std::move(current);
    auto& gates = change.deployment.gates;
    std::erase_if(gates, [&](const GateRecord& known) { return known.kind == gate.kind; });
    gates.push_back(gate);
  }
  const std::string name(name_of(gate.kind));
  note(change, now, "gate." + name, by,
       fmt::format("{} {}: {}", gate.version.text, name_of(gate.result), gate.why));
  change.journal.back().facts = {{"gate", name},
                                 {"version", gate.version.text},
                                 {"result", std::string(name_of(gate.result))},
                                 {"report", gate.digest}};
  if (gate.result == GateResult::pass)
    lift_hold_of(change, gate.version, held_by_gate(gate.kind), now);
  note_gate(change.head, std::move(gate));
  return change;
}

std::optional<DeployChange> pass_stage(Head head, const Version& version, const std::string& stage,
                                       Instant now) {
  DeployChange change{.head = std::move(head)};
  if (!lift_hold_of(change, version, held_by_stage(stage), now)) return std::nullopt;
  return change;
}

Result<DeployChange> extend_deadline(Head head, Deployment deployment, Instant now,
                                     const Policy& policy) {
  TRY(still_in_progress(head, deployment));
  DeployChange change{.head = std::move(head), .deployment = std::move(deployment)};
  change.deployment.deadline_at = now + policy.deploy_limit;
  return change;
}

bool is_unfinished(const Deployment& deployment) {
  return deployment.status == DeploymentStatus::in_progress ||
         (deployment.status == DeploymentStatus::succeeded && !deployment.good_at);
}

}  // namespace stepback
