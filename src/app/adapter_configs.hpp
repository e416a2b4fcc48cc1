// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the configuration means to each local adapter: plain translation of values.

#include <memory>
#include <vector>

#include "adapters/local/git_repository.hpp"
#include "adapters/local/health.hpp"
#include "adapters/local/incident_file.hpp"
#include "adapters/local/infrastructure.hpp"
#include "adapters/local/live_version.hpp"
#include "adapters/local/log_files.hpp"
#include "adapters/local/notifiers.hpp"
#include "adapters/local/probe_alarms.hpp"
#include "adapters/local/work.hpp"
#include "app/aws_side.hpp"
#include "app/config.hpp"
#include "base/log.hpp"

namespace stepback {

Subscription subscription_of(const NotifyConfig& notify);
local::InfrastructureCommandConfig infrastructure_config(const Config& config);
// What infrastructure is reverted in, or else what the configuration itself lies in.
local::GitRepositoryConfig repository_config(const Config& config);
local::ProbeAlarmsConfig alarms_config(const Config& config);
local::HealthProbesConfig health_config(const Config& config);
local::LogFilesConfig logs_config(const Config& config);
local::LiveVersionsConfig versions_config(const Config& config);
local::IncidentFileConfig incidents_config(const Config& config);
local::WorkConfig work_config(const Config& config, const Variables& variables);

// Which secrets the configuration refers to that cannot be read, and why.
std::vector<std::string> unread_secrets(const Config& config, const Variables& variables);

// A channel whose secret cannot be read is left out, and the log says so.
std::vector<std::unique_ptr<Notifier>> make_notifiers(const Config& config,
                                                      const Variables& variables,
                                                      const Clock& clock, const Log& log,
                                                      AwsSide* aws);

}  // namespace stepback
