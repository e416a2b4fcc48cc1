// SPDX-License-Identifier: Apache-2.0
#include "app/assembly.hpp"

#include <filesystem>

#include "app/adapter_configs.hpp"
#include "app/server_lock.hpp"
#include "wire/alarm_event.hpp"

namespace stepback {
namespace {

constexpr std::size_t looks_far_away = 4;

Settings settings_of(const Config& config, const std::string& holder, const Variables& variables) {
  Settings settings{.service = config.service,
                    .environments = config.names(),
                    .alarms = config.alarm_rules,
                    .policy = config.policy,
                    .gates = config.gates,
                    .stages = config.stages,
                    .contacts = config.contacts.size(),
                    .prefix = config.prefix,
                    .owner = config.owner,
                    .reviewed = config.reviewed,
                    .account = config.account,
                    .region = config.region,
                    .holder = holder};
  for (const auto& channel : config.notify) {
    if (channel.kind == NotifyKind::metrics) {
      settings.keeps_figures = true;
    } else {
      settings.people.push_back(subscription_of(channel));
    }
  }
  settings.unread_secrets = unread_secrets(config, variables);
  if (config.uses_aws()) settings.looks_at_once = looks_far_away;
  for (const auto& each : config.environments) {
    if (each.is_protected) settings.guarded.push_back(each.environment);
    if (each.wants_second_person) settings.seconded.push_back(each.environment);
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

Assembly::Records Assembly::Parts::records() {
  if (sqlite) return {*sqlite, *sqlite, *sqlite, nullptr};
  auto& table = *aws->store();
  return {table, table, table, &table};
}

Result<std::unique_ptr<Assembly>> Assembly::make(Config config, const Variables& variables,
                                                 Options options) {
  TRY(make_directory(config.state));
  auto parts = std::make_unique<Parts>();
  parts->config = std::move(config);
  const Config& kept = parts->config;
  if (kept.uses_aws())
    parts->aws = TRY(AwsSide::make(kept, variables, parts->clock, parts->waiter));
  if (kept.records.kind == RecordsKind::sqlite)
    parts->sqlite = TRY(SqliteStore::open({.path = kept.records.path}));
  parts->presence.emplace(TRY(local::Presence::begin(kept.state, local::own_host())));
  return std::unique_ptr<Assembly>(new Assembly(variables, options, std::move(parts)));
}

Assembly::Assembly(const Variables& variables, Options options, std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)),
      config_(parts_->config),
      options_(options),
      clock_(parts_->clock),
      log_(clock_, options.log),
      waiter_(parts_->waiter),
      records_(parts_->records()),
      memory_(records_.store, records_.many),
      liveness_(config_.state, local::own_host()),
      settings_(settings_of(config_, parts_->presence->holder(), variables)),
      releases_(config_, clock_, parts_->elsewhere()),
      pipeline_(config_, clock_, parts_->elsewhere()),
      command_(infrastructure_config(config_), clock_),
      infrastructure_(config_, command_, parts_->elsewhere()),
      probes_(alarms_config(config_), clock_),
      asked_alarms_(probes_, config_, parts_->elsewhere()),
      alarms_(asked_alarms_, memory_, settings_),
      health_(health_config(config_), clock_),
      log_files_(logs_config(config_)),
      logs_(log_files_, parts_->elsewhere()),
      asked_versions_(versions_config(config_), releases_, clock_),
      live_version_(config_, asked_versions_, parts_->elsewhere()),
      log_readers_(log_files_, parts_->elsewhere()),
      alarm_histories_(probes_, config_, parts_->elsewhere()),
      repository_(repository_config(config_), clock_),
      wiring_(parts_->elsewhere()),
      incident_files_(incidents_config(config_)),
      incidents_(parts_->aws && parts_->aws->incidents() != nullptr ? *parts_->aws->incidents()
                                                                    : incident_files_),
      performer_(memory_, records_.ledger, {pipeline_, releases_, infrastructure_},
                 {alarms_, health_, logs_, live_version_}, settings_, clock_),
      intake_(memory_, alarms_, settings_, clock_, Random(entropy()), &log_),
      reconciler_(records_.store, records_.ledger, intake_, alarms_, releases_, liveness_,
                  settings_, clock_, &log_),
      deployer_(records_.store, intake_, performer_, releases_,
                {pipeline_, releases_, infrastructure_}, alarms_, settings_, clock_, waiter_,
                Random(entropy())),
      gatekeeper_(records_.store, intake_, clock_),
      work_(work_config(config_, variables), clock_),
      runs_(records_.store, intake_, gatekeeper_, deployer_, work_, report_files_, settings_,
            clock_, waiter_, Random(entropy())),
      query_(records_.store, records_.ledger, performer_, {pipeline_, releases_, infrastructure_},
             alarms_, settings_, clock_),
      inspection_(records_.store, records_.ledger, performer_,
                  {{pipeline_, releases_, infrastructure_}, releases_, live_version_, liveness_},
                  {releases_, log_readers_, pipeline_, alarm_histories_, repository_, wiring_},
                  settings_, clock_),
      emergencies_(records_.store, query_, intake_, inspection_, settings_, clock_) {
  channels_ = make_notifiers(config_, variables, clock_, log_, parts_->aws.get());
  std::vector<Notifier*> channels;
  for (const auto& channel : channels_) channels.push_back(channel.get());
  courier_.emplace(records_.outbox, std::move(channels), incidents_, clock_, &log_);
  make_engine();
}

void Assembly::make_engine() {
  intake_.on_opened = [this](const Environment& environment, const RollbackId& id) {
    if (Runner* runner = runner_.load()) runner->nudge();
    if (!options_.leaves_it_to_the_function) return;
    const auto woken = wake(environment, id, Duration(0));
    if (!woken) log_.warning("the sweep will take it up", {{"why", woken.error().message}});
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
    return std::make_unique<Worker>(memory_, performer_, liveness_, settings_, clock_,
                                    Random(entropy()), &log_);
  };
  engine_.emplace(
      Engine{.settings = settings_,
             .clock = clock_,
             .log = log_,
             .waiter = waiter_,
             .store = memory_,
             .ledger = records_.ledger,
             .query = query_,
             .inspection = inspection_,
             .intake = intake_,
             .deployer = deployer_,
             .gatekeeper = gatekeeper_,
             .runs = runs_,
             .emergencies = emergencies_,
             .reconciler = reconciler_,
             .courier = *courier_,
             .make_worker = make_worker,
             .make_runner =
                 [this, make_worker] {
                   return std::make_unique<Runner>(records_.store, make_worker, *courier_,
                                                   reconciler_, clock_, &log_, options_.runner);
                 },
             .server_is_alive =
                 [this] {
                   return options_.leaves_it_to_the_function || ServerLock::is_taken(config_.state);
                 },
             .evaluate_alarms = [this] { evaluate_alarms(); }});
}

Result<> Assembly::check_records() {
  return parts_->sqlite ? parts_->sqlite->check_disk() : Result<>();
}

Result<> Assembly::backup(const std::string& path) {
  if (parts_->sqlite) return parts_->sqlite->backup(path);
  return fail(Code::invalid, "the records lie in table " + config_.records.table +
                                 ", which is backed up in AWS: by point-in-time recovery");
}

Result<> Assembly::wake(const Environment& environment, const RollbackId& id, Duration delay) {
  if (parts_->aws) return parts_->aws->wake(environment, id, delay);
  return fail(Code::invalid, "the configuration names nothing of AWS");
}

// A change to ALARM goes through the same door, in the same shape, as one from outside.
void Assembly::evaluate_alarms() {
  const auto evaluated = probes_.evaluate();
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
