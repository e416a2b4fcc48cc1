// SPDX-License-Identifier: Apache-2.0
#pragma once

// Intake: the one door for whatever asks for a rollback, signals and people alike. What it answers
// is durable before it answers; the same fact again finds what became of it the first time. Usable
// from any thread.

#include <functional>
#include <map>
#include <mutex>
#include <span>

#include "base/log.hpp"
#include "base/random.hpp"
#include "domain/trigger.hpp"
#include "engine/transaction.hpp"
#include "ports/observation.hpp"

namespace stepback {

class Intake {
 public:
  Intake(Store& store, Alarms& alarms, const Settings& settings, const Clock& clock, Random random,
         const Log* log)
      : store_(store),
        alarms_(alarms),
        settings_(settings),
        clock_(clock),
        random_(random),
        log_(log) {}

  struct Answer {
    TriggerRecord record;
    bool seen_before = false;
  };
  Result<Answer> take(const Signal& signal);
  // Each for itself; durable together. As long as the input.
  std::vector<Result<Answer>> take_each(std::span<const Signal> signals);

  // A person's request. conflict: somebody has the environment; the message names who. denied: a
  // second person has to agree there, and has not.
  Result<RollbackId> request(const ManualRequest& request);
  // Puts it to a second person. Asked again, the newer question stands.
  Result<> ask(const ManualRequest& request);
  // A second person's answer. not_found: nothing is asked. denied: it is the one who asked.
  Result<RollbackId> agree(const Environment& environment, const std::string& by,
                           const std::string& reason);
  Result<> refuse(const Environment& environment, const std::string& by, const std::string& reason);

  // Called after a commit that opened a rollback, so that a worker need not wait for its timer.
  std::function<void(const Environment&, const RollbackId&)> on_opened;

 private:
  struct Draft;

  // What one reading of the store said, for signals that are judged together.
  using Readings = std::map<Environment, SignalContext>;

  Result<Draft> draft(const Signal& signal, Readings* shared);
  Result<SignalContext> context_of(const Signal& signal, const AlarmMatch& match, Readings* shared);
  void look_closer(const Signal& signal, const AlarmMatch& match, SignalContext& context);
  Result<Answer> take_thoroughly(const Signal& signal);
  FreshIds fresh();

  Store& store_;
  Alarms& alarms_;
  const Settings& settings_;
  const Clock& clock_;
  std::mutex random_mutex_;  // guards random_
  Random random_;
  const Log* log_;  // may be null
};

}  // namespace stepback
