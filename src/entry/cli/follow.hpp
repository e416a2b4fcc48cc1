// SPDX-License-Identifier: Apache-2.0
#pragma once

// Follow: stays with a rollback until it has ended. While a server works on the same store it only
// watches the record; else it runs the engine itself, in this process. A keystroke cancels what has
// not begun, and never abandons what has: the record stays, and whoever comes next goes on from it.
// One thread calls it; the runner has its own.

#include <memory>
#include <optional>
#include <thread>

#include "entry/cli/render_live.hpp"
#include "entry/cli/session.hpp"

namespace stepback::cli {

struct Following {
  RollbackId id;
  std::optional<Duration> timeout;
  bool ours = true;  // this command opened it: it may carry it out, and Ctrl-C may cancel it
};

// The exit code of its outcome. When it handed over, of the one that took over.
Answered<> follow(Session& session, Engine& engine, const Following& following);

// A rollback as it is painted: over itself on a terminal, else a line for each event.
class LiveView {
 public:
  LiveView(Session& session, Engine& engine);

  void update(const Rollback& rollback);
  void paint(const Screen& screen);  // over what was painted last; nothing where lines are wanted
  bool paints() const { return paints_; }
  void say(const std::string& line);    // a line where lines are wanted
  void leave() { painted_lines_ = 0; }  // what stands there stays

 private:
  Session& session_;
  Engine& engine_;
  EventLines lines_;
  bool paints_;
  std::size_t painted_lines_ = 0;
  std::string painted_;
};

// Runs the engine in this process while it lives, unless a server does already.
class Turning {
 public:
  explicit Turning(Engine& engine);
  ~Turning();
  Turning(const Turning&) = delete;
  Turning& operator=(const Turning&) = delete;

  bool is_ours() const { return runner_ != nullptr; }
  // Finishes what is under way and tells people what is still to be told.
  Result<> finish();

 private:
  void stop();

  Engine& engine_;
  std::unique_ptr<Runner> runner_;
  ThreadWaiter alarms_pause_;
  std::jthread alarms_;  // looks at the probe alarms, which nobody else does
};

inline constexpr Duration look_again{200};

}  // namespace stepback::cli
