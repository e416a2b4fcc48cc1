// SPDX-License-Identifier: Apache-2.0
#pragma once

// Log lines, judged: which of them are errors, how many came since the cutover, and at what rate
// they came before it. What reads a log, from a file or from a service, hands its entries over and
// gets a LogsSeen. Values; one thread at a time.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "domain/validation.hpp"

namespace stepback {

// Plain texts to be found in an entry.
struct LogPatterns {
  std::vector<std::string> errors{"ERROR"};
  std::vector<std::string> critical{"FATAL"};
  std::vector<std::string> allow;  // an entry with one of these does not count
};

struct LogEntry {
  Instant at;
  std::string text;  // what patterns are looked for in
};

// What patterns are looked for in, of a JSON entry: its level in capitals, a space, its message.
std::string text_of_entry(const json::Reader& object);

// It holds a text of one of the patterns, and none that is allowed.
bool is_error(const LogPatterns& patterns, std::string_view text);

class LogCount {
 public:
  // Entries older than `look_back` before the cutover say nothing about what is usual.
  LogCount(std::string name, LogPatterns patterns, Instant cutover, Duration look_back);

  void add(const LogEntry& entry);

  std::optional<Instant> first() const { return first_; }  // the oldest entry there was

  // `known`: how much of the time before the cutover was read; the usual rate is that of it.
  LogsSeen result(Duration known) const;

 private:
  LogPatterns patterns_;
  Instant cutover_;
  Instant from_;
  LogsSeen seen_;
  std::optional<Instant> first_;
  int before_ = 0;  // errors within the look back
};

}  // namespace stepback
