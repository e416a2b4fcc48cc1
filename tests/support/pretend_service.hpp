// SPDX-License-Identifier: Apache-2.0
#pragma once

// A service with three environments in a pretend world, the engine on it, and a command line: what
// a person types, what they see, and the exit code. While `server` is true somebody else takes the
// turns, each time the command waits.

#include <atomic>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/sim/looking.hpp"
#include "adapters/sim/store.hpp"
#include "adapters/sim/work.hpp"
#include "adapters/sim/world.hpp"
#include "engine/remembering.hpp"
#include "engine/told_alarms.hpp"
#include "entry/cli/cli.hpp"
#include "support/many_of.hpp"

namespace stepback::cli {

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;

  // The command after "try: ", without the note behind it.
  std::string attempt() const;
};

class PretendService {
 public:
  PretendService();

  // The words of a command line, quotes kept together: run("hold add test --reason \"two words\"").
  Ran run(const std::string& line, const std::string& typed = "");

  // A deployment that is over: started so long ago, live since, and good if it says so.
  Deployment deployed(const std::string& environment, const std::string& version, Duration before,
                      bool good = true);
  Environment environment(const std::string& name) const { return {name}; }
  Head head(const std::string& name);
  Engine& engine() { return engine_; }
  // Until nothing is active, a second at a time; false if that takes longer than `at_most`.
  bool rest(Duration at_most = minutes(30));
  // The alarm of an environment changes its state, and this is what it sends.
  Signal alarm(const std::string& environment, AlarmState state = AlarmState::alarm);
  std::vector<Rollback> rollbacks();

  std::string user = "alice";
  bool terminal = false;  // both ends of it
  bool server = true;
  bool busy = false;  // nobody takes a turn for now
  bool broken_output = false;
  int engines_made = 0;
  std::map<std::string, std::string> variables;
  std::function<void(int wait)> on_wait;  // before each turn; counted from 1
  std::atomic<int> interrupted = 0;

  SimClock clock;
  SimWorld world{clock};
  SimLooking looking;
  SimStore store;
  SimWork work;
  ManyOf many{store};
  RememberingStore memory{store, &many};  // what the engine's parts read by; off until it is begun
  Settings settings;
  KnownNames known;  // for completion

 private:
  class Turns final : public Waiter {
   public:
    explicit Turns(PretendService& service) : service_(service) {}
    bool wait(Duration at_most) override;

   private:
    PretendService& service_;
    int waits_ = 0;
  };

  std::unique_ptr<Worker> make_worker();
  void take_turns();

  Log log_{clock, {}, [](std::string_view) {}};
  ToldAlarms alarms_;
  Performer performer_;
  Query query_;
  Inspection inspection_;
  Intake intake_;
  Turns turns_;
  Deployer deployer_;
  Gatekeeper gatekeeper_;
  Runs runs_;
  Emergencies emergencies_;
  Reconciler reconciler_;
  Courier courier_;
  SimStore idle_store_;  // for a runner of our own: the turns are taken in wait()
  Courier idle_courier_;
  Reconciler idle_reconciler_;
  Engine engine_;
};

}  // namespace stepback::cli
