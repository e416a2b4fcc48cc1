// SPDX-License-Identifier: Apache-2.0
#pragma once

// Records that are right as they are, for tests that change the one field they are about.

#include <string>
#include <utility>

#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback::testing {

inline const Environment staging{"staging"};
inline const Environment production{"production"};
inline constexpr Instant noon{1'769'515'200'000};  // 2026-01-27T12:00:00Z

// The store counts revisions, so an update is the stored record with a change.
inline Deployment a_deployment(const std::string& id, const Environment& environment = production,
                               DeploymentStatus status = DeploymentStatus::in_progress,
                               Instant started_at = noon) {
  Deployment deployment;
  deployment.id = {"dep-" + id};
  deployment.environment = environment;
  deployment.version = {"v" + id};
  deployment.status = status;
  deployment.started_at = started_at;
  return deployment;
}

inline Deployment a_good_deployment(const std::string& id,
                                    const Environment& environment = production,
                                    Instant started_at = noon) {
  Deployment deployment = a_deployment(id, environment, DeploymentStatus::succeeded, started_at);
  deployment.cutover_at = started_at;
  deployment.ended_at = started_at;
  deployment.good_at = started_at;
  return deployment;
}

inline Rollback a_rollback(const std::string& id, const Environment& environment = production,
                           Instant wake_at = noon) {
  Rollback rollback;
  rollback.id = {"rb-" + id};
  rollback.environment = environment;
  rollback.reason = "alarm errors";
  rollback.requested_by = "automation";
  rollback.accepted_at = noon;
  rollback.deadline_at = noon + minutes(15);
  Lane& lane = rollback.lanes.emplace_back();
  lane.environment = environment;
  lane.wake_at = wake_at;
  return rollback;
}

inline Rollback ended(Rollback rollback, Instant ended_at = noon) {
  rollback.outcome = Outcome::succeeded;
  rollback.ended_at = ended_at;
  return rollback;
}

inline Head a_head(const Environment& environment = production) {
  Head head;
  head.environment = environment;
  return head;
}

inline TriggerRecord a_trigger(const std::string& key,
                               const std::optional<Environment>& environment = production) {
  TriggerRecord record;
  record.key = key;
  record.signal.name = "alarm-" + key;
  record.signal.at = noon;
  record.received_at = noon;
  record.environment = environment;
  return record;
}

inline Notice a_notice(const std::string& key, const Environment& environment = production) {
  Notice notice;
  notice.key = key;
  notice.environment = environment;
  notice.at = noon;
  return notice;
}

inline JournalEntry an_entry(const std::string& text, const Environment& environment = production) {
  JournalEntry entry;
  entry.environment = environment;
  entry.at = noon;
  entry.kind = "test.happened";
  entry.actor = "automation";
  entry.text = text;
  return entry;
}

}  // namespace stepback::testing
