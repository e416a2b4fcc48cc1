// SPDX-License-Identifier: Apache-2.0
#include "app/adapter_configs.hpp"

#include <filesystem>
#include <utility>

#include "adapters/local/github_notifier.hpp"

namespace stepback {
namespace {

local::ProbeAlarm alarm_of(const ProbeAlarmConfig& from, const Environment& environment,
                           const Config& config) {
  local::ProbeAlarm alarm{.name = from.name, .environment = environment};
  if (const auto matched = match_alarm(from.name, config.names(), config.alarm_rules))
    alarm.roles = matched->roles;
  alarm.url = from.url;
  alarm.statuses = from.statuses;
  alarm.timeout = from.timeout;
  alarm.max_latency = from.max_latency;
  if (from.threshold) {
    alarm.threshold = local::NumberThreshold{.pointer = from.threshold->pointer,
                                             .value = from.threshold->value,
                                             .comparison = static_cast<local::Comparison>(
                                                 std::to_underlying(from.threshold->comparison))};
  }
  alarm.period = from.period;
  alarm.evaluation_periods = from.evaluation_periods;
  alarm.datapoints_to_alarm = from.datapoints_to_alarm;
  alarm.missing = from.missing;
  return alarm;
}

local::HealthProbe probe_of(const HealthConfig& from, const Environment& environment) {
  local::HealthProbe probe{
      .environment = environment, .name = from.name, .url = from.url, .statuses = from.statuses};
  probe.attempts = from.attempts;
  probe.required = from.required;
  probe.timeout = from.timeout;
  probe.max_latency = from.max_latency;
  probe.body_contains = from.body_contains;
  for (const auto& field : from.fields) probe.fields.push_back({field.pointer, field.expected});
  return probe;
}

Result<std::unique_ptr<Notifier>> notifier_of(const NotifyConfig& notify, const Config& config,
                                              const Variables& variables, const Clock& clock,
                                              AwsSide* aws) {
  const NoticeStyle style{.service = config.service};
  switch (notify.kind) {
    case NotifyKind::file:
      return std::make_unique<local::FileNotifier>(local::FileNotifierConfig{
          .subscription = subscription_of(notify), .path = notify.path, .style = style});
    case NotifyKind::webhook: {
      local::WebhookConfig webhook{.subscription = subscription_of(notify)};
      webhook.format = notify.format;
      auto url = notify.url;
      if (notify.token) webhook.secret = TRY(read_secret(*notify.token, variables));
      if (notify.format == NoticeFormat::slack)  // whose addresses end in what nobody may know
        url += std::exchange(webhook.secret, {}).reveal();
      webhook.url = TRY(http::parse_url(url));
      webhook.within = notify.timeout;
      webhook.style = style;
      if (notify.format == NoticeFormat::github)
        return std::make_unique<local::GithubNotifier>(std::move(webhook));
      return std::make_unique<local::WebhookNotifier>(std::move(webhook), clock);
    }
    case NotifyKind::command: {
      local::CommandNotifierConfig command{.subscription = subscription_of(notify),
                                           .arguments = notify.run};
      command.limit = notify.timeout;
      command.style = style;
      return std::make_unique<local::CommandNotifier>(std::move(command), clock);
    }
    case NotifyKind::sns:
    case NotifyKind::metrics: return aws->channel(notify);
  }
  std::unreachable();
}

}  // namespace

Subscription subscription_of(const NotifyConfig& notify) {
  return {.name = notify.name, .environments = notify.environments, .kinds = notify.events};
}

local::InfrastructureCommandConfig infrastructure_config(const Config& config) {
  local::InfrastructureCommandConfig made{.directory = config.state + "/infrastructure"};
  for (const auto& each : config.environments) {
    if (!each.infrastructure || each.infrastructure->kind != InfrastructureKind::command) continue;
    local::InfrastructureSource source{.environment = each.environment,
                                       .repository = each.infrastructure->repository};
    source.install = each.infrastructure->install;
    source.run = each.infrastructure->run;
    source.timeout = each.infrastructure->timeout;
    made.sources.push_back(std::move(source));
  }
  return made;
}

local::GitRepositoryConfig repository_config(const Config& config) {
  local::GitRepositoryConfig made;
  const auto around =
      local::repository_around(std::filesystem::absolute(config.file).parent_path().string());
  for (const auto& each : config.environments) {
    const bool named = each.infrastructure && !each.infrastructure->repository.empty();
    const auto& repository = named ? each.infrastructure->repository : around;
    if (!repository.empty()) made.repositories[each.environment] = repository;
  }
  return made;
}

local::ProbeAlarmsConfig alarms_config(const Config& config) {
  local::ProbeAlarmsConfig made{.directory = config.state + "/alarms"};
  for (const auto& each : config.environments) {
    for (const auto& alarm : each.alarms)
      made.alarms.push_back(alarm_of(alarm, each.environment, config));
  }
  return made;
}

local::HealthProbesConfig health_config(const Config& config) {
  local::HealthProbesConfig made;
  for (const auto& each : config.environments) {
    for (const auto& health : each.health)
      made.probes.push_back(probe_of(health, each.environment));
  }
  return made;
}

local::LogFilesConfig logs_config(const Config& config) {
  local::LogFilesConfig made;
  for (const auto& each : config.environments) {
    for (const auto& log : each.logs) {
      made.files.push_back({.environment = each.environment,
                            .name = log.name,
                            .path = log.path,
                            .patterns = {.errors = log.error_patterns,
                                         .critical = log.critical_patterns,
                                         .allow = log.allow}});
    }
  }
  return made;
}

local::LiveVersionsConfig versions_config(const Config& config) {
  local::LiveVersionsConfig made;
  for (const auto& each : config.environments) {
    local::VersionSource source{.environment = each.environment};
    if (each.version) {
      source.url = each.version->url;
      source.version_pointer = each.version->pointer;
      source.digest_pointer = each.version->digest_pointer;
      source.command = each.version->command;
      source.timeout = each.version->timeout;
    }
    made.sources.push_back(std::move(source));
  }
  return made;
}

// A stage is somebody's build: it finds what their shell would find, but for our own secrets.
local::WorkConfig work_config(const Config& config, const Variables& variables) {
  local::WorkConfig work{.state_directory = config.state};
  for (const auto& [name, value] : variables) {
    if (name != "PATH" && !name.starts_with("STEPBACK_")) work.variables.emplace_back(name, value);
  }
  return work;
}

local::IncidentFileConfig incidents_config(const Config& config) {
  return {.directory = config.incidents, .style = {.service = config.service}};
}

std::vector<std::unique_ptr<Notifier>> make_notifiers(const Config& config,
                                                      const Variables& variables,
                                                      const Clock& clock, const Log& log,
                                                      AwsSide* aws) {
  std::vector<std::unique_ptr<Notifier>> made;
  for (const auto& notify : config.notify) {
    auto notifier = notifier_of(notify, config, variables, clock, aws);
    if (notifier) {
      made.push_back(*std::move(notifier));
    } else {
      log.error("a channel cannot be used",
                {{"channel", notify.name}, {"why", notifier.error().message}});
    }
  }
  if (auto thaw = aws == nullptr ? nullptr : aws->thaw()) made.push_back(std::move(thaw));
  return made;
}

std::vector<std::string> unread_secrets(const Config& config, const Variables& variables) {
  std::vector<std::string> unread;
  const auto look = [&](const std::string& whose, const std::optional<SecretReference>& reference) {
    if (!reference) return;
    if (const auto secret = read_secret(*reference, variables); !secret)
      unread.push_back(whose + ": " + secret.error().message);
  };
  for (const auto& channel : config.notify) look("channel " + channel.name, channel.token);
  look("server.ingest", config.server.ingest.token);
  for (const auto& reference : config.server.ingest.secrets) look("server.ingest", reference);
  return unread;
}

}  // namespace stepback
