// SPDX-License-Identifier: Apache-2.0
#pragma once

// Alarms of one machine, and the ports Alarms and AlarmHistory over them: an HTTP probe for each
// period becomes a point, M of N points an alarm with the states of CloudWatch's. Somebody calls
// evaluate() often: the server's watcher, and commands that wait. What was seen is kept in one file
// for each alarm,
// `<state>/alarms/<name>.json`, so that whoever asks sees the same. Usable from several threads and
// processes at once: one evaluates, the others return.

#include <optional>
#include <string>
#include <vector>

#include "adapters/local/m_of_n.hpp"
#include "ports/inspection.hpp"
#include "ports/observation.hpp"
#include "wire/alarm_event.hpp"

namespace stepback::local {

enum class Comparison { greater, greater_or_equal, less, less_or_equal };

// The point breaches when the number in the answer compares so.
struct NumberThreshold {
  std::string pointer;  // to the number, into the JSON of the answer
  double value = 0;
  Comparison comparison = Comparison::greater;
};

// A service that refuses the connection, answers too late or with another status is a breaching
// point; only a number that isn't there is a missing one.
struct ProbeAlarm {
  std::string name;  // also of its file: letters, digits, dots, dashes and underscores
  Environment environment;
  AlarmRoles roles;
  std::string url;
  std::vector<int> statuses{200};
  Duration timeout = seconds(5);
  std::optional<Duration> max_latency;
  std::optional<NumberThreshold> threshold;
  Duration period = seconds(60);
  int evaluation_periods = 1;   // N
  int datapoints_to_alarm = 1;  // M
  MissingData missing = MissingData::missing;
};

struct ProbeAlarmsConfig {
  std::string directory;  // for the state: "<state>/alarms"
  std::vector<ProbeAlarm> alarms;
};

class ProbeAlarms final : public Alarms, public AlarmHistory {
 public:
  ProbeAlarms(ProbeAlarmsConfig config, const Clock& clock)
      : config_(std::move(config)), clock_(clock) {}

  struct Evaluation {
    bool done = false;                  // false: another one is at it
    std::vector<AlarmChange> changes;   // each was written down before it is told
    std::vector<std::string> problems;  // states that could not be kept, for the log
  };
  // Takes a point for every alarm whose period has begun since its last one, side by side: a slow
  // one takes its own timeout, not the others'. A change that is lost after this (a crash) is
  // found again by list(), with the same time. An error: nothing could be evaluated.
  Result<Evaluation> evaluate();

  // As last evaluated. An alarm that nobody has evaluated for its whole range, or ever, is
  // INSUFFICIENT_DATA: an old OK says nothing about now. A point's `from` is when it was taken.
  Result<std::vector<AlarmSeen>> list(const Environment& environment) override;
  // As many as are kept with an alarm: its last hundred.
  Result<std::vector<AlarmTurn>> turns(const Environment& environment, Instant since,
                                       Instant until) override;

 private:
  struct Record {
    AlarmState state = AlarmState::insufficient_data;
    Instant since;
    std::string reason = "it has not been evaluated yet";
    std::vector<Sample> samples;   // oldest first
    std::vector<AlarmTurn> turns;  // likewise
  };
  Result<Record> read(const ProbeAlarm& alarm) const;
  Result<> write(const ProbeAlarm& alarm, const Record& record) const;
  bool is_due(const ProbeAlarm& alarm, const Record& record) const;
  Sample sample(const ProbeAlarm& alarm) const;
  std::optional<AlarmChange> judge(const ProbeAlarm& alarm, Record& record, Sample sample) const;
  AlarmSeen seen(const ProbeAlarm& alarm) const;
  std::string path_of(const ProbeAlarm& alarm) const;

  ProbeAlarmsConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
