// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lookup: what people type for a record or a version, and which one they mean. The beginning of an
// id or of a commit will do, as long as it is the beginning of one only. One thread.

#include <string>
#include <variant>

#include "entry/cli/session.hpp"

namespace stepback::cli {

using RecordId = std::variant<RollbackId, DeploymentId>;
Answered<RecordId> resolve_id(Engine& engine, const std::string& text);

// A deployment's id stands for the rollback that took it back, or that it is.
Answered<RollbackId> resolve_rollback(Engine& engine, const std::string& text);

// A version that the environment's history knows. Not found: with the closest that it does know.
Answered<Version> resolve_version(Engine& engine, const Environment& environment,
                                  const std::string& text);

}  // namespace stepback::cli
