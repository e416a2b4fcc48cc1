// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names that other systems know us by: every one is built here, from the prefix of the
// configuration ("kiro" in the runbook) and an environment, and read back here. Used by the
// adapters, the notices and the assembly. Values; usable from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/environment.hpp"

namespace stepback {

inline constexpr std::string_view default_prefix = "kiro";
inline constexpr std::string_view event_source = "aws.cloudwatch";
inline constexpr std::string_view alarm_detail_type = "CloudWatch Alarm State Change";
inline constexpr std::string_view metric_namespace = "KiroPipeline";
inline constexpr std::string_view rollback_count_metric = "RollbackCount";
inline constexpr std::string_view deployment_duration_metric = "DeploymentDuration";
inline constexpr std::string_view rollback_duration_metric = "RollbackDuration";
inline constexpr std::string_view validation_result_metric = "ValidationResult";
inline constexpr std::string_view ignored_trigger_metric = "IgnoredTrigger";

// A small letter, then up to 31 small letters, digits and dashes; no dash at the end.
Result<std::string> parse_prefix(std::string_view text);

class OutsideNames {
 public:
  explicit OutsideNames(std::string prefix = std::string(default_prefix));

  const std::string& prefix() const { return prefix_; }

  std::string pipeline(const Environment& environment) const;           // kiro-pipeline-production
  std::string deployments(const Environment& environment) const;        // …-deployments, the table
  std::string artifacts(const Environment& environment) const;          // …-artifacts, by version
  std::string live_artifacts(const Environment& environment) const;     // kiro-worker-…-artifacts
  std::string notices(const Environment& environment) const;            // …-rollbacks, the topic
  std::string rollback_function(const Environment& environment) const;  // …-rollback
  std::string alarm_rule(const Environment& environment) const;         // …-alarm-rule
  std::string build_project(const Environment& environment) const;      // kiro-worker-production

  // An alarm of the pipeline or of the worker: pipeline_alarm(production, "failures").
  std::string pipeline_alarm(const Environment& environment, std::string_view what) const;
  std::string worker_alarm(const Environment& environment, std::string_view what) const;

  // Whose pipeline this is; nothing for a name that is not one of ours. The environment need not
  // be a configured one.
  std::optional<Environment> environment_of_pipeline(std::string_view name) const;

 private:
  std::string of_pipeline(const Environment& environment, std::string_view what) const;
  std::string of_worker(const Environment& environment, std::string_view what) const;

  std::string prefix_;
};

}  // namespace stepback
