// SPDX-License-Identifier: Apache-2.0
#pragma once

// Backtest: what a policy would have made of the signals that are on record, and whether that would
// have been right, by what became of the deployments. Each signal is judged as it would have been
// then, on the records as they stood then, in the order of arrival. Pure: the same records and the
// same rules give the same answer.
//
// What the records do not keep cannot be judged by: the alarm's state when it was read again, and
// the same alarm in other environments. Holds and brakes by hand are left out; the brake of the
// policy counts what this policy would have opened.

#include <span>
#include <string>
#include <vector>

#include "domain/trigger.hpp"

namespace stepback {

struct BacktestRecords {
  std::vector<Deployment> deployments;  // these three in any order
  std::vector<TriggerRecord> events;
  std::vector<Rollback> rollbacks;
};
struct BacktestRules {
  Environments environments;
  AlarmRules alarms;
  Policy policy;  // judged as if it were allowed to act
};

// How a rollback that would have been opened looks from today.
//   right   its deployment ended badly, and this would have been no later
//   late    it ended badly, and somebody else had taken it back by then
//   wrong   its deployment is good
//   untold  nobody knows yet
enum class Hindsight { right, late, wrong, untold };
template <>
inline constexpr Names<Hindsight, Hindsight::untold> names_of<Hindsight>{"right", "late", "wrong",
                                                                         "untold"};

struct BacktestLine {
  TriggerRecord recorded;
  Disposition now = Disposition::ignored;
  std::string why;
  std::optional<DeploymentId> about;   // of what would have been opened
  std::optional<Hindsight> hindsight;  // likewise
};

struct Backtest {
  std::vector<BacktestLine> lines;  // oldest first
  std::vector<Deployment> never;    // ended badly, and nothing would have opened a rollback
  std::size_t count(Hindsight hindsight) const;
  std::size_t changed() const;  // lines that are judged otherwise than they were
};

Backtest backtest(BacktestRecords records, const BacktestRules& rules);

}  // namespace stepback
