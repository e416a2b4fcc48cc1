// SPDX-License-Identifier: Apache-2.0
#pragma once

// What people look at, as one answer for all environments: here or elsewhere, as the configuration
// says. Passes on, decides nothing. Any thread.

#include <map>

#include "app/by_environment.hpp"
#include "ports/inspection.hpp"

namespace stepback {

class LogReadersTogether final : public LogReader {
 public:
  LogReadersTogether(LogReader& files, const Elsewhere& elsewhere)
      : files_(files), groups_(elsewhere.log_reader) {}

  Result<std::vector<LogLine>> read_lines(const LogQuery& query) override;

 private:
  LogReader& files_;
  LogReader* groups_;  // null: none
};

class AlarmHistoriesTogether final : public AlarmHistory {
 public:
  AlarmHistoriesTogether(AlarmHistory& probes, const Config& config, const Elsewhere& elsewhere);

  Result<std::vector<AlarmTurn>> turns(const Environment& environment, Instant since,
                                       Instant until) override;

 private:
  AlarmHistory& probes_;
  std::map<Environment, AlarmHistory*> places_;
};

// Of what nobody answers for it says so.
class WiringByEnvironment final : public Wiring {
 public:
  explicit WiringByEnvironment(const Elsewhere& elsewhere) : elsewhere_(elsewhere.wiring) {}

  std::vector<WireSeen> look_at_wiring(const Environment& environment) override;

 private:
  Wiring* elsewhere_;  // null: nothing of it is there
};

}  // namespace stepback
