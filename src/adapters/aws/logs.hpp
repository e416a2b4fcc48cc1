// SPDX-License-Identifier: Apache-2.0
#pragma once

// CloudWatchLogs: the ports Logs and LogReader over log groups. The service is asked for one plain
// term a call and all pages of it, and what it finds is judged here, as a file's lines are
// (wire/log_lines): the patterns that the service knows mean other things to its emulators. A term
// of capitals is asked for in small letters too, for a JSON entry's level may be spelt so.
//
// What was read is limited; where the limit cuts, it is said, and the counts are "at least". Used
// by the engine's observers; any thread. Reads only.

#include <string>
#include <vector>

#include "adapters/aws/service.hpp"
#include "ports/inspection.hpp"
#include "ports/observation.hpp"
#include "wire/log_lines.hpp"

namespace stepback::aws {

struct LogGroup {
  std::string name;                       // in reports: "worker"
  std::string group;                      // with {environment}: "/aws/lambda/kiro-{environment}"
  std::vector<Environment> environments;  // none: all of them
  LogPatterns patterns;
};

struct CloudWatchLogsConfig {
  std::vector<LogGroup> groups;
  // Of one group and look, shared by all terms.
  std::size_t most_events = 10'000;
  std::size_t most_bytes = std::size_t{4} * 1024 * 1024;
};

class CloudWatchLogs final : public Logs, public LogReader {
 public:
  static constexpr Dialect dialect{
      .id = "logs", .signing = "", .target = "Logs_20140328", .version = "1.1"};

  CloudWatchLogs(Service& service, CloudWatchLogsConfig config)
      : service_(service), config_(std::move(config)) {}

  // A group that is missing or can't be read is `seen == false`, with the reason. `lines` are those
  // that hold one of the terms: the others are not fetched.
  Result<std::vector<LogsSeen>> look(const Environment& environment, Instant cutover,
                                     Duration look_back) override;
  // Errors are asked for by their terms, everything else without any.
  Result<std::vector<LogLine>> read_lines(const LogQuery& query) override;

 private:
  struct Found;
  LogsSeen look_at(const LogGroup& group, const Environment& environment, Instant cutover,
                   Duration look_back);
  Result<> find(const std::string& group, const std::string& term, Found& found);
  Result<> read_group(const LogGroup& group, const LogQuery& query, std::vector<LogLine>& lines);

  Service& service_;
  CloudWatchLogsConfig config_;
};

// The terms that have to be asked for, each once.
std::vector<std::string> log_terms(const LogPatterns& patterns);

}  // namespace stepback::aws
