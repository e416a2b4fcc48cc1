// SPDX-License-Identifier: Apache-2.0
#pragma once

// Shapes: the fields of every record, named once, for writing and reading alike (fields.hpp says
// by which rules). Included by codec.cpp and
// record_schemas.cpp only. A name here is stored and shown: it may be added
// to, and never changed or given another meaning without a new schema version. A new field needs a
// default in its type that old records can live with.
//
// Names are those of the source document where it has one (deploymentId, startTime, rollbackReason,
// healthCheckStatus); a duration is in milliseconds and its name ends in _ms.

#include <type_traits>

#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"
#include "wire/fields.hpp"

namespace stepback {

// What a visitor is shown: the record itself to read into, a constant one to write from.
template <class Visitor, class T>
using Shown = std::conditional_t<std::is_same_v<Visitor, FieldReader>, T, const T>;

// --- deployments --------------------------------------------------------------------------------

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, GateRecord>& it) {
  field.required("version", it.version);
  field.required("kind", it.kind);
  field.required("result", it.result);
  field("why", it.why);
  field("at", it.at);
  field("findings", it.findings);
  field("digest", it.digest);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Release>& it) {
  field("deploymentId", it.deployment);
  field("version", it.version);
  field("digest", it.digest);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, AlarmBaseline>& it) {
  field.required("name", it.name);
  field.required("state", it.state);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Amendment>& it) {
  field.required("at", it.at);
  field("by", it.by);
  field("reason", it.reason);
  field.required("from", it.from);
  field.required("to", it.to);
  field("endedBefore", it.ended_before);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Deployment>& it) {
  field.required("deploymentId", it.id);
  field.required("environment", it.environment);
  field.required("version", it.version);
  field("digest", it.digest);
  field.required("status", it.status);
  field("kind", it.kind);
  field("startTime", it.started_at);
  field("cutoverTime", it.cutover_at);
  field("endTime", it.ended_at);
  field("goodTime", it.good_at);
  field("deadlineTime", it.deadline_at);
  field("bake_ms", it.bake);
  field("startedBy", it.started_by);
  field("holder", it.holder);
  field("infrastructureChanged", it.infrastructure_changed);
  field("infrastructureVersion", it.infrastructure_version);
  field("artifactLocation", it.artifact_location);
  field("oneWay", it.one_way);
  field("predecessor", it.predecessor);
  field("baseline", it.baseline);
  field("gates", it.gates);
  field("failure", it.failure);
  field("rollbackId", it.rollback);
  field("rollbackReason", it.rollback_reason);
  field("rollbackLevel", it.rollback_level);
  field("rollbackTime", it.rollback_time);
  field("rollbackTargetVersion", it.rollback_target);
  field("replaces", it.replaces);
  field("restores", it.restores);
  field("amendments", it.amendments);
  field("revision", it.revision);
}

// --- heads --------------------------------------------------------------------------------------

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, RunStage>& it) {
  field.required("name", it.name);
  field.required("kind", it.kind);
  field("environment", it.environment);
  field.required("state", it.state);
  field("startedAt", it.started_at);
  field("finishedAt", it.ended_at);
  field("why", it.why);
  field("touched", it.touched);
  field("rollbackId", it.rollback);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Approval>& it) {
  field.required("stage", it.stage);
  field("askedAt", it.asked_at);
  field("until", it.until);
  field("approved", it.approved);
  field("by", it.by);
  field("reason", it.reason);
  field("answeredAt", it.answered_at);
  field("secondPerson", it.second_person);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Run>& it) {
  field.required("id", it.id);
  field.required("version", it.version);
  field.required("state", it.state);
  field("startedBy", it.started_by);
  field("holder", it.holder);
  field("startedAt", it.started_at);
  field("heartbeatAt", it.heartbeat_at);
  field("finishedAt", it.ended_at);
  field("stages", it.stages);
  field("approval", it.approval);
  field("stopAskedBy", it.stop_asked_by);
  field("why", it.why);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Hold>& it) {
  field.required("version", it.version);
  field("digest", it.digest);
  field("until", it.until);
  field("reason", it.reason);
  field("by", it.by);
  field("since", it.since);
  field("rollbackId", it.rollback);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Waiting>& it) {
  field.required("rollbackId", it.rollback);
  field("incident", it.incident);
  field("since", it.since);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, ToldAlert>& it) {
  field.required("name", it.name);
  field.required("state", it.state);
  field("since", it.since);
  field("reason", it.reason);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Override>& it) {
  field.required("check", it.check);
  field("reason", it.reason);
  field("by", it.by);
  field("since", it.since);
  field("until", it.until);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Wish>& it) {
  field("target", it.target);
  field("application", it.application);
  field("infrastructure", it.infrastructure);
  field("dataRiskAccepted", it.data_risk_accepted);
  field("unbakedAllowed", it.unbaked_allowed);
  field("further", it.further);
  field("acceptedAlarms", it.accepted_alarms);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, AskedRollback>& it) {
  field.required("level", it.level);
  field("wish", it.wish);
  field("reason", it.reason);
  field("by", it.by);
  field("at", it.at);
  field("until", it.until);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Brake>& it) {
  field("reason", it.reason);
  field("since", it.since);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Head>& it) {
  field.required("environment", it.environment);
  field("current", it.current);
  field("live", it.live);
  field("slot", it.slot);
  field("operations", it.operations);
  field("holds", it.holds);
  field("waiting", it.waiting);
  field("brake", it.brake);
  field("automatic", it.automatic);
  field("gates", it.gates);
  field("alerts", it.alerts);
  field("overrides", it.overrides);
  field("asked", it.asked);
  field("run", it.run);
  field("revision", it.revision);
}

// --- rollbacks ----------------------------------------------------------------------------------

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Candidate>& it) {
  field.required("release", it.release);
  field("status", it.status);
  field("goodTime", it.good_at);
  field("startTime", it.started_at);
  field("infrastructureVersion", it.infrastructure_version);
  field("oneWay", it.one_way);
  field("artifacts", it.artifacts);
  field("artifactDetail", it.artifact_detail);
  field("files", it.files);
  field("findings", it.findings);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Refusal>& it) {
  field.required("release", it.release);
  field("why", it.why);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Step>& it) {
  field.required("name", it.kind);
  field.required("state", it.state);
  field("attempt", it.attempt);
  field("operation", it.operation);
  field("expected_ms", it.expected);
  field("expectedSlow_ms", it.expected_slow);
  field("startedAt", it.started_at);
  field("finishedAt", it.ended_at);
  field("detail", it.detail);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Effect>& it) {
  field.required("kind", it.kind);
  field("lookFirst", it.look_first);
  field("operation", it.operation);
  field("attempt", it.attempt);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Check>& it) {
  field.required("name", it.name);
  field.required("verdict", it.verdict);
  field("evidence", it.evidence);
  field("notBefore", it.not_before);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Validation>& it) {
  field.required("verdict", it.verdict);
  field.required("success", it.success);
  field("reason", it.reason);
  field("failedAlarms", it.failed_alarms);
  field("healthCheckStatus", it.health_check_status);
  field("versionMatch", it.version_match);
  field.epoch("timestamp", it.timestamp);
  field("checks", it.checks);
  field("notBefore", it.not_before);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Lane>& it) {
  field.required("environment", it.environment);
  field("acts", it.acts);
  field("deploymentId", it.deployment);
  field("from", it.from);
  field("target", it.target);
  field("refused", it.refused);
  field("excluded", it.excluded);
  field("alarms", it.alarms);
  field.required("phase", it.phase);
  field("steps", it.steps);
  field("pending", it.pending);
  field("wakeAt", it.wake_at);
  field("deadlineAt", it.deadline_at);
  field("cutoverAt", it.cutover_at);
  field("operation", it.operation);
  field("validationUsual_ms", it.validation_usual);
  field("validationSlow_ms", it.validation_slow);
  field("validation", it.validation);
  field("end", it.end);
  field("why", it.why);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Lease>& it) {
  field("holder", it.holder);
  field("epoch", it.epoch);
  field("expiresAt", it.expires_at);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Policy>& it) {
  field("automatic", it.automatic);
  field("fullAfterStage", it.full_after_stage);
  field("budget_ms", it.budget);
  field("handOverReserve_ms", it.hand_over_reserve);
  field("settle_ms", it.settle);
  field("lookEvery_ms", it.look_every);
  field("quiet_ms", it.quiet);
  field("lookBack_ms", it.look_back);
  field("alarmGrace_ms", it.alarm_grace);
  field("attempts", it.attempts);
  field("retryPause_ms", it.retry_pause);
  field("pollEvery_ms", it.poll_every);
  field("stopLimit_ms", it.stop_limit);
  field("infrastructureLimit_ms", it.infrastructure_limit);
  field("applicationLimit_ms", it.application_limit);
  field("claimLimit_ms", it.claim_limit);
  field("leaseMargin_ms", it.lease_margin);
  field("bake_ms", it.bake);
  field("maxEventAge_ms", it.max_event_age);
  field("deployLimit_ms", it.deploy_limit);
  field("brakeCount", it.brake_count);
  field("brakeWindow_ms", it.brake_window);
  field("actWhenUnlikely", it.act_when_unlikely);
  field("actWhenUnknown", it.act_when_unknown);
  field("refuseOneWay", it.refuse_one_way);
  field("holdUntilReleased", it.hold_until_released);
  field("keepGood", it.keep_good);
  field("keep_ms", it.keep);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Rollback>& it) {
  field.required("id", it.id);
  field.required("environment", it.environment);
  field.required("level", it.level);
  field.required("origin", it.origin);
  field.or_else("state", it.outcome, "active");
  field("why", it.why);
  field("rejected", it.rejected);
  field("reason", it.reason);
  field("operator", it.requested_by);
  field("startedAt", it.accepted_at);
  field("deadlineAt", it.deadline_at);
  field("finishedAt", it.ended_at);
  field("incident", it.incident);
  field("triggerKey", it.trigger_key);
  field("attribution", it.attribution);
  field("findings", it.findings);
  field("evidence", it.evidence);
  field("wish", it.wish);
  field("lanes", it.lanes);
  field("tookOver", it.took_over);
  field("handedTo", it.handed_to);
  field("lease", it.lease);
  field("policy", it.policy);
  field("warnedOfBudget", it.warned_of_budget);
  field("journaled", it.journaled);
  field("revision", it.revision);
}

// --- signals, notices, history ------------------------------------------------------------------

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Signal>& it) {
  field.required("kind", it.kind);
  field("name", it.name);
  field("state", it.state);
  field("at", it.at);
  field("reason", it.reason);
  field("source", it.source);
  field("account", it.account);
  field("region", it.region);
  field("environment", it.environment);
  field("deploymentId", it.deployment);
  field("firstBreach", it.first_breach);
  field("version", it.version);
  field("occurrence", it.occurrence);
  field("findings", it.findings);
  field("told", it.told);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, TriggerRecord>& it) {
  field.required("key", it.key);
  field.required("signal", it.signal);
  field("receivedAt", it.received_at);
  field.required("disposition", it.disposition);
  field("why", it.why);
  field("environment", it.environment);
  field("rollbackId", it.rollback);
  field("attribution", it.attribution);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, Notice>& it) {
  field.required("key", it.key);
  field.required("event", it.kind);
  field("severity", it.severity);
  field.required("environment", it.environment);
  field("currentVersion", it.current_version);
  field("targetVersion", it.target_version);
  field("deploymentId", it.deployment);
  field("timestamp", it.at);
  field("operator", it.requested_by);
  field("validationStatus", it.validation_status);
  field("rollbackId", it.rollback);
  field("rollbackLevel", it.level);
  field("origin", it.origin);
  field("rollbackReason", it.reason);
  field("deadline", it.deadline);
  field("took_ms", it.took);
  field("held", it.held);
  field("again", it.again);
  field("incident", it.incident);
  field("failedStep", it.failed_step);
  field("failedAlarms", it.failed_alarms);
  field("environmentsRolledBack", it.environments_rolled_back);
  field("environmentsFailed", it.environments_failed);
  field("nextCommand", it.next_command);
}

template <class Visitor>
void describe(Visitor& field, Shown<Visitor, JournalEntry>& it) {
  field.required("environment", it.environment);
  field("at", it.at);
  field.required("kind", it.kind);
  field("actor", it.actor);
  field("rollbackId", it.rollback);
  field("deploymentId", it.deployment);
  field("text", it.text);
  field("facts", it.facts);
}

}  // namespace stepback
