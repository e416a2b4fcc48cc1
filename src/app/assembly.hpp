// SPDX-License-Identifier: Apache-2.0
#pragma once

// Assembly: which adapter answers which port. Owns all of them for the life of the program, in
// the order in which they need each other; everybody else holds references. Made once, by one
// thread; what it holds says itself which threads may use it.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/local/git_repository.hpp"
#include "adapters/local/health.hpp"
#include "adapters/local/incident_file.hpp"
#include "adapters/local/infrastructure.hpp"
#include "adapters/local/live_version.hpp"
#include "adapters/local/liveness.hpp"
#include "adapters/local/log_files.hpp"
#include "adapters/local/notifiers.hpp"
#include "adapters/local/probe_alarms.hpp"
#include "adapters/local/report_files.hpp"
#include "adapters/local/work.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/aws_side.hpp"
#include "app/by_environment.hpp"
#include "app/config.hpp"
#include "app/looking.hpp"
#include "engine/engine.hpp"
#include "engine/remembering.hpp"
#include "engine/told_alarms.hpp"

namespace stepback {

class Assembly {
 public:
  struct Options {
    Log::Options log;
    Runner::Options runner;
    // A command opens a rollback, wakes the function by its queue, and only watches.
    bool leaves_it_to_the_function = false;
  };
  static Result<std::unique_ptr<Assembly>> make(Config config, const Variables& variables,
                                                Options options);

  Engine& engine() { return *engine_; }
  // Whether the records can be written to.
  Result<> check_records();
  // unavailable where the records keep themselves.
  Result<> backup(const std::string& path);
  // Has a rollback taken up again through the queue of its environment.
  Result<> wake(const Environment& environment, const RollbackId& id, Duration delay);
  // Off, until somebody begins it.
  RememberingStore& memory() { return memory_; }
  const Config& config() const { return config_; }
  const Log& log() const { return log_; }
  ThreadWaiter& waiter() { return waiter_; }
  // A runner that exists is told when a rollback was opened.
  void set_runner(Runner* runner) { runner_ = runner; }

 private:
  struct Records {
    Store& store;
    Outbox& outbox;
    Ledger& ledger;
    ManyRecords* many = nullptr;  // where they are far away
  };
  // What may fail to be made, and is made first.
  struct Parts {
    Config config;
    SystemClock clock;
    ThreadWaiter waiter;
    std::unique_ptr<SqliteStore> sqlite;  // one of the two
    std::unique_ptr<AwsSide> aws;         // has the other; null: nothing of AWS
    std::optional<local::Presence> presence;

    Records records();
    Elsewhere elsewhere() { return aws ? aws->elsewhere() : Elsewhere{}; }
  };

  Assembly(const Variables& variables, Options options, std::unique_ptr<Parts> parts);
  void make_channels(const Variables& variables);
  void make_engine();
  void evaluate_alarms();

  std::unique_ptr<Parts> parts_;
  const Config& config_;
  Options options_;
  const SystemClock& clock_;
  Log log_;
  ThreadWaiter& waiter_;
  Records records_;
  RememberingStore memory_;
  local::WorkerLiveness liveness_;
  Settings settings_;
  ReleasesByEnvironment releases_;
  PipelinesByEnvironment pipeline_;
  local::InfrastructureCommand command_;
  InfrastructureByEnvironment infrastructure_;
  local::ProbeAlarms probes_;
  AlarmsTogether asked_alarms_;
  ToldAlarms alarms_;
  local::HealthProbes health_;
  local::LogFiles log_files_;
  LogsTogether logs_;
  local::LiveVersions asked_versions_;
  VersionsByEnvironment live_version_;
  LogReadersTogether log_readers_;
  AlarmHistoriesTogether alarm_histories_;
  local::GitRepository repository_;
  WiringByEnvironment wiring_;
  local::IncidentFiles incident_files_;
  Incidents& incidents_;
  std::vector<std::unique_ptr<Notifier>> channels_;
  std::optional<local::RunningDeployment> deploying_;
  Performer performer_;
  Intake intake_;
  std::optional<Courier> courier_;
  Reconciler reconciler_;
  Deployer deployer_;
  Gatekeeper gatekeeper_;
  local::LocalWork work_;
  local::LocalReportFiles report_files_;
  Runs runs_;
  Query query_;
  Inspection inspection_;
  Emergencies emergencies_;
  std::optional<Engine> engine_;
  std::atomic<Runner*> runner_ = nullptr;
};

}  // namespace stepback
