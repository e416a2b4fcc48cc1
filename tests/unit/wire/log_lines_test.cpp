// SPDX-License-Identifier: Apache-2.0
#include "wire/log_lines.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

const Instant cutover{1'769'509'368'000};

LogsSeen seen(const std::vector<LogEntry>& entries, Duration known = minutes(10)) {
  LogCount count("app", {.allow = {"harmless"}}, cutover, minutes(10));
  for (const auto& entry : entries) count.add(entry);
  return count.result(known);
}

TEST(LogCountTest, TellsErrorsFromCriticalOnesAndFromThoseThatAreAllowed) {
  const auto logs = seen({{cutover, "ERROR a"},
                          {cutover + seconds(9), "FATAL after an ERROR"},
                          {cutover + seconds(5), "ERROR, but harmless"},
                          {cutover + seconds(7), "INFO"}});
  EXPECT_EQ(logs.name, "app");
  EXPECT_EQ(logs.lines, 4);
  EXPECT_EQ(logs.errors, 1);
  EXPECT_EQ(logs.critical, 1);
  EXPECT_EQ(logs.last_error_at, cutover + seconds(9));
}

TEST(LogCountTest, TakesTheUsualRateOfTheTimeThatIsKnown) {
  const std::vector<LogEntry> before{{cutover - minutes(11), "ERROR too long ago"},
                                     {cutover - minutes(2), "ERROR"},
                                     {cutover - seconds(1), "FATAL"}};
  EXPECT_DOUBLE_EQ(seen(before).usual_errors_per_minute, 0.2);
  EXPECT_DOUBLE_EQ(seen(before, minutes(4)).usual_errors_per_minute, 0.5);
  EXPECT_DOUBLE_EQ(seen(before, Duration{}).usual_errors_per_minute, 0);
  EXPECT_EQ(seen(before).errors, 0);
}

TEST(LogCountTest, ShowsAFewSamplesOnOneLineAndCutBetweenCharacters) {
  const std::string text = "ERROR\n" + std::string(193, 'x') + "\xC3\xA4 and more";
  const auto logs = seen(std::vector<LogEntry>(9, LogEntry{cutover, text}));
  ASSERT_EQ(logs.samples.size(), 5u);
  EXPECT_EQ(logs.samples[0], "ERROR\\n" + std::string(193, 'x'));
}

}  // namespace
}  // namespace stepback
