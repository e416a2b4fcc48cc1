// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/log_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

const Environment production{"production"};
const Instant cutover = parse_rfc3339("2026-03-02T10:00:00Z").value();

class ErrorsInALogFile : public ::testing::Test {
 protected:
  LogsSeen see() {
    LogFiles files({{file_}});
    const auto seen = files.look(production, cutover, minutes(10));
    EXPECT_TRUE(seen && seen->size() == 1);
    return seen->at(0);
  }
  LogsSeen see(const std::string& text) {
    directory_.write("app.log", text);
    return see();
  }
  TemporaryDirectory directory_;
  LogFile file_{.environment = production,
                .name = "app",
                .path = directory_.path("app.log"),
                .patterns = {.allow = {"ERROR harmless"}}};
};

TEST_F(ErrorsInALogFile, AreCountedSinceTheCutover) {
  const LogsSeen seen =
      see("2026-03-02T09:59:59Z INFO before\n"
          "2026-03-02T10:00:00Z INFO started\n"
          "2026-03-02T10:00:05Z ERROR one\n"
          "[2026-03-02T10:00:07.250Z] ERROR two\n"
          "2026-03-02T10:00:06Z FATAL three\n");
  EXPECT_TRUE(seen.seen) << seen.detail;
  EXPECT_EQ(seen.lines, 4);
  EXPECT_EQ(seen.errors, 2);
  EXPECT_EQ(seen.critical, 1);
  EXPECT_EQ(seen.last_error_at, cutover + Duration(7'250));
  EXPECT_EQ(seen.samples.size(), 3u);
}

TEST_F(ErrorsInALogFile, AreReadFromJsonLinesByLevelAndMessage) {
  const LogsSeen seen =
      see(R"({"time":"2026-03-02T10:00:01Z","level":"error","message":"no database"})"
          "\n"
          R"({"timestamp":"2026-03-02T10:00:02Z","level":"info","message":"fine","note":"ERROR"})"
          "\n"
          R"({"time":"2026-03-02T10:00:03Z","level":"Fatal","message":"out of memory"})"
          "\n");
  EXPECT_EQ(seen.lines, 3);
  EXPECT_EQ(seen.errors, 1);
  EXPECT_EQ(seen.critical, 1);
  EXPECT_EQ(seen.samples.at(0), "ERROR no database");
}

TEST_F(ErrorsInALogFile, OfAStackTraceCountOnce) {
  const LogsSeen seen =
      see("2026-03-02T10:00:05Z worker stopped\n"
          "  ERROR in a()\n"
          "  ERROR in b()\n"
          "2026-03-02T10:00:06Z INFO again\n");
  EXPECT_EQ(seen.lines, 2);
  EXPECT_EQ(seen.errors, 1);
}

TEST_F(ErrorsInALogFile, ThatAreAllowedDoNotCount) {
  EXPECT_EQ(see("2026-03-02T10:00:05Z ERROR harmless: retried\n").errors, 0);
}

TEST_F(ErrorsInALogFile, HaveAUsualRateFromTheTimeBefore) {
  const LogsSeen seen =
      see("2026-03-02T09:40:00Z ERROR too long ago\n"
          "2026-03-02T09:50:00Z ERROR one\n"
          "2026-03-02T09:52:00Z FATAL two\n"
          "2026-03-02T09:59:59Z ERROR three\n"
          "2026-03-02T10:00:01Z INFO after\n");
  EXPECT_DOUBLE_EQ(seen.usual_errors_per_minute, 0.3);
}

TEST_F(ErrorsInALogFile, HaveTheRateOfTheTimeThatIsKnown) {
  EXPECT_DOUBLE_EQ(see("2026-03-02T09:58:00Z ERROR one\n").usual_errors_per_minute, 0.5);
  EXPECT_DOUBLE_EQ(see("2026-03-02T10:01:00Z ERROR one\n").usual_errors_per_minute, 0);
}

TEST_F(ErrorsInALogFile, AreShownEscapedAndCutAndOnlyAFew) {
  std::string text;
  for (int i = 0; i < 9; ++i) {
    text += "2026-03-02T10:00:05Z ERROR \x1b[31m" + std::string(500, 'x') + "\n";
  }
  const LogsSeen seen = see(text);
  EXPECT_EQ(seen.errors, 9);
  ASSERT_EQ(seen.samples.size(), 5u);
  EXPECT_TRUE(seen.samples[0].contains("ERROR \\x1b[31mxxx"));
  EXPECT_LT(seen.samples[0].size(), 250u);
}

TEST_F(ErrorsInALogFile, AreReadFromTheEndOfALargeOne) {
  std::string text = "2026-03-02T10:00:01Z ERROR forgotten\n";
  const std::string line = "2026-03-02T10:00:05Z INFO " + std::string(1000, 'x') + "\n";
  while (text.size() <= most_log_bytes) text += line;
  const LogsSeen seen = see(text + "2026-03-02T10:00:09Z ERROR last\n");
  EXPECT_TRUE(seen.seen);
  EXPECT_EQ(seen.errors, 1);
  EXPECT_TRUE(seen.detail.contains("only the file's end was read")) << seen.detail;
}

TEST_F(ErrorsInALogFile, AreNoneInAnEmptyFile) {
  const LogsSeen seen = see("");
  EXPECT_TRUE(seen.seen);
  EXPECT_EQ(seen.lines, 0);
}

TEST_F(ErrorsInALogFile, AreUnseenWithoutATime) { EXPECT_FALSE(see("ERROR at some time\n").seen); }

TEST_F(ErrorsInALogFile, AreUnseenWhereThereIsNoFileToRead) {
  EXPECT_FALSE(see().seen);
  EXPECT_TRUE(see().detail.contains("No such file")) << see().detail;
  ASSERT_EQ(::mkfifo(file_.path.c_str(), 0600), 0);
  EXPECT_FALSE(see().seen);
  EXPECT_TRUE(see().detail.contains("not a regular file")) << see().detail;
}

}  // namespace
}  // namespace stepback::local
