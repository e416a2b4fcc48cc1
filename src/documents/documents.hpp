// SPDX-License-Identifier: Apache-2.0
#pragma once

// What scripts and pages see: one versioned JSON document for each answer, built from the records'
// own shapes (wire/codec), the same from the command line and from the API. Additions only; a
// change of meaning is a new schema. Pure; any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "documents/standing.hpp"
#include "engine/query.hpp"

namespace stepback {

json::Value environment_document(const EnvironmentView& view, Instant now);
json::Value status_document(std::string_view service, std::span<const EnvironmentView> views,
                            Instant now);
json::Value target_document(const TargetLine& line);
json::Value alarm_document(const Environment& environment, const AlarmSeen& alarm);
json::Value verify_document(const Environment& environment, const VerifyView& view);
json::Value readiness_document(const Environment& environment, const Readiness& readiness);
json::Value hold_document(const Environment& environment, const Hold& hold);
json::Value explain_document(const RollbackView& view);
json::Value symptom_document(const Environment& environment, const Symptom& symptom);
json::Value checks_document(std::span<const Check> checks);

// {"schema": "stepback/v1/NAME", NAME-of-list: [...]}
json::Value list_document(std::string_view schema, std::string_view key,
                          const std::vector<json::Value>& list);

// A plan that was kept: what was asked for, what it would do, and the hash that says so.
json::Value plan_document(const PlanView& view, const ManualRequest& request);
struct KeptPlan {
  ManualRequest request;
  std::string hash;
  std::string target;  // of the environment it begins in
};
Result<KeptPlan> read_plan(std::string_view bytes);

}  // namespace stepback
