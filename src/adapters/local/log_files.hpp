// SPDX-License-Identifier: Apache-2.0
#pragma once

// The ports Logs and LogReader over files: counts errors since the cutover and their usual rate
// before it. An entry begins with an RFC 3339 time, or is one JSON object with "time" (or
// "timestamp"), "level" and "message"; lines without a time, such as a stack trace, belong to the
// entry above them. Only the end of a file is read. Usable from any thread.

#include <cstddef>
#include <string>
#include <vector>

#include "domain/environment.hpp"
#include "ports/inspection.hpp"
#include "ports/observation.hpp"
#include "wire/log_lines.hpp"

namespace stepback::local {

struct LogFile {
  Environment environment;
  std::string name;
  std::string path;
  LogPatterns patterns;
};

struct LogFilesConfig {
  std::vector<LogFile> files;
};

inline constexpr std::size_t most_log_bytes = std::size_t{4} * 1024 * 1024;  // from the end

class LogFiles final : public Logs, public LogReader {
 public:
  explicit LogFiles(LogFilesConfig config) : config_(std::move(config)) {}

  // A file that can't be read, is missing or has no times is `seen == false`, with the reason.
  Result<std::vector<LogsSeen>> look(const Environment& environment, Instant cutover,
                                     Duration look_back) override;
  // An error only where none of the environment's files could be read.
  Result<std::vector<LogLine>> read_lines(const LogQuery& query) override;

 private:
  LogFilesConfig config_;
};

}  // namespace stepback::local
