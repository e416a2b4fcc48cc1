// SPDX-License-Identifier: Apache-2.0
#include "app/assembly.hpp"

#include <filesystem>

#include "app/adapter_configs.hpp"
#include "app/server_lock.hpp"
#include "wire/alarm_event.hpp"

namespace stepback {
namespace {

Settings settings_of(const Config& config, const std::string& holder) {
  Settings settings{.service = config.service,
                    .environments = config.names(),
                    .alarms = config.alarm_rules,
                    .policy = config.policy,
                    .account = config.account,
                    .region = config.region,
                    .holder = holder};
  for (const auto& each : config.environments) {
    if (each.is_protected) settings.guarded.push_back(each.environment);
  }
  return settings;
}

Result<> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Code::denied, "making " + path + ": " + error.message());
  return {};
}

}  // namespace

Result<std::unique_ptr<Assembly>> Assembly::make(Config config, const Variables& variables,
                                                 Options options) {
  TRY(make_directory(config.state));
  auto store = TRY(SqliteStore::open({.path = config.records.path}));
  auto presence = TRY(local::Presence::begin(config.state, local::own_host()));
  return std::unique_ptr<Assembly>(
      new Assembly(std::move(config), variables, options, std::move(store), std::move(presence)));
}

Assembly::Assembly(Config config, const Variables& variables, Options options,
                   std::unique_ptr<SqliteStore> store, local::Presence presence)
    : config_(std::move(config)),
      options_(options),
      log_(clock_, options.log),
      store_(std::move(store)),
      presence_(std::move(presence)),
      liveness_(config_.state, local::own_host()),
      settings_(settings_of(config_, presence_.holder())),
      releases_(config_, clock_),
      pipeline_(config_, clock_),
      infrastructure_(infrastructure_config(config_), clock_),
      alarms_(alarms_config(config_), clock_),
      health_(health_config(config_), clock_),
      logs_(logs_config(config_)),
      live_version_(versions_config(config_), releases_, clock_),
      incidents_(incidents_config(config_)),
      performer_(*store_, *store_, {pipeline_, releases_, infrastructure_},
                 {alarms_, health_, logs_, live_version_}, settings_, clock_),
      intake_(*store_, alarms_, settings_, clock_, Random(entropy()), &log_),
      reconciler_(*store_, *store_, intake_, alarms_, releases_, liveness_, settings_, clock_,
                  &log_),
      deployer_(*store_, intake_, performer_, releases_, {pipeline_, releases_, infrastructure_},
                alarms_, settings_, clock_, waiter_, Random(entropy())),
      query_(*store_, *store_, performer_, {pipeline_, releases_, infrastructure_}, alarms_,
             settings_, clock_) {
  channels_ = make_notifiers(config_, variables, clock_, log_);
  std::vector<Notifier*> channels;
  for (const auto& channel : channels_) channels.push_back(channel.get());
  courier_.emplace(*store_, std::move(channels), incidents_, clock_, &log_);
  make_engine();
}

void Assembly::make_engine() {
  intake_.on_opened = [this] {
    if (Runner* runner = runner_.load()) runner->nudge();
  };
  deployer_.on_begun = [this](const Deployment& deployment) {
    auto running =
        local::RunningDeployment::begin(config_.state, deployment.environment, deployment.id);
    if (running) {
      deploying_.emplace(*std::move(running));
    } else {
      log_.warning("this deployment cannot be stopped from outside",
                   {{"why", running.error().message}});
    }
  };
  deployer_.on_ended = [this] { deploying_.reset(); };
  const auto make_worker = [this] {
    return std::make_unique<Worker>(*store_, performer_, liveness_, settings_, clock_,
                                    Random(entropy()), &log_);
  };
  engine_.emplace(Engine{.settings = settings_,
                         .clock = clock_,
                         .log = log_,
                         .waiter = waiter_,
                         .store = *store_,
                         .ledger = *store_,
                         .query = query_,
                         .intake = intake_,
                         .deployer = deployer_,
                         .reconciler = reconciler_,
                         .courier = *courier_,
                         .make_worker = make_worker,
                         .make_runner =
                             [this, make_worker] {
                               return std::make_unique<Runner>(*store_, make_worker, *courier_,
                                                               reconciler_, clock_, &log_,
                                                               options_.runner);
                             },
                         .server_is_alive = [this] { return ServerLock::is_taken(config_.state); },
                         .evaluate_alarms = [this] { evaluate_alarms(); }});
}

// A change to ALARM goes through the same door, in the same shape, as one from outside.
void Assembly::evaluate_alarms() {
  const auto evaluated = alarms_.evaluate();
  if (!evaluated)
    return log_.warning("alarms could not be evaluated", {{"why", evaluated.error().message}});
  for (const auto& problem : evaluated->problems) log_.warning("alarm", {{"why", problem}});
  for (const auto& change : evaluated->changes) {
    log_.info("alarm changed",
              {{"alarm", change.name}, {"state", name_of(change.to)}, {"why", change.reason}});
    const auto own = to_signal(change, {.account = config_.account, .region = config_.region});
    if (const auto taken = intake_.take(own); !taken) {
      log_.warning("alarm not taken in; the reconciler will find it",
                   {{"why", taken.error().message}});
    }
  }
}

}  // namespace stepback
