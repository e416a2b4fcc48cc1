// SPDX-License-Identifier: Apache-2.0
#pragma once

// Run: one seed, in the making. Inner to the simulation: setup.cpp furnishes the world,
// simulation.cpp acts in it.

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "adapters/sim/store.hpp"
#include "adapters/sim/world.hpp"
#include "engine/courier.hpp"
#include "engine/reconciler.hpp"
#include "engine/remembering.hpp"
#include "engine/worker.hpp"
#include "simulation/checkers.hpp"
#include "simulation/mutant_store.hpp"
#include "simulation/simulation.hpp"
#include "support/many_of.hpp"

namespace stepback::simulation {

struct Crashed {};
struct Broken {
  std::string condition;
};

inline constexpr int chaotic_steps = 140;
inline constexpr int calm_steps = 6000;
inline constexpr int deepest = 2;  // actors acting in the middle of each other's calls

// A worker process: it has a name of its own, and a new one after each death.
struct Process {
  std::string name;
  Settings settings;
  std::unique_ptr<RememberingStore> memory;  // null: it reads for itself
  std::unique_ptr<Performer> performer;
  std::unique_ptr<Worker> worker;
  bool acting = false;
  int lives = 0;
};

struct Mail {
  Signal signal;
  Duration at{};
};

class Run {
 public:
  explicit Run(const Options& options);
  Report go();

 private:
  using Actor = void (Run::*)();

  // setting up
  void choose_policy();
  void furnish();
  void deploy(const Environment& environment, int version, bool in_progress);
  void set_hooks();
  void start(Process& process);
  void start_function();

  // acting
  void chaos();
  void calm();
  bool rests();
  void mirror(const Commit& commit);
  void compare_with_mirror();
  void guarded(Actor actor);
  void let_someone_act();
  RememberingStore* memory_for_a_turn(Process& process) const;
  void work(Process& process);
  void work_a() { work(processes_[0]); }
  void work_b() { work(processes_[1]); }
  void receive();
  void deliver(const Mail& mail);
  void follow(const TriggerRecord& record);
  void carry();
  void reconcile();
  void interfere();
  void pass_time();
  void judge_a_version();
  void post_alarms();
  void die(Process& process);

  // faults
  SimFault fault_at(std::string_view point, bool changes);
  void crash_at(std::string_view point);
  bool armed(std::string_view point, std::string_view kind);
  void trace(std::string_view what, std::string_view detail = {});
  FreshIds fresh() { return {random_.next()}; }

  Options options_;
  Random random_;
  bool remembers_;
  Report report_;
  SimClock clock_;
  SimStore store_;
  MutantStore front_{store_, options_.mutant, random_};
  SimWorld world_{clock_};
  Settings settings_;
  ManyOf many_{front_};
  Process processes_[2];
  Process function_;  // takes in what it is sent, and the first turn of what that opens
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Intake> own_intake_;  // of the function; null: there is none
  std::unique_ptr<Courier> courier_;
  std::unique_ptr<Reconciler> reconciler_;
  std::unique_ptr<Checkers> checkers_;
  std::deque<Mail> mail_;
  std::map<std::string, bool> was_red_;
  std::map<std::string, bool> arms_;
  bool faults_on_ = false;
  std::uint32_t meddling_ = 40;  // how often somebody acts in the middle of a call, per thousand
  int depth_ = 0;
};

}  // namespace stepback::simulation
