// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/json.hpp"

namespace stepback {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return {1769509084431}; }
  Duration steady() const override { return Duration(0); }
};

class LogTest : public testing::Test {
 protected:
  Log make(Log::Options options) {
    return Log(clock_, options, [this](std::string_view line) { lines_.emplace_back(line); });
  }

  FixedClock clock_;
  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneJsonLineForEachRecord) {
  const Log log = make({});
  log.warning("lane waits", {{"rollback", std::string("rb-1")}, {"attempt", 2}, {"on", true}});
  EXPECT_EQ(lines_, std::vector<std::string>{
                        R"({"time":"2026-01-27T10:18:04.431Z","level":"warning",)"
                        R"("message":"lane waits","rollback":"rb-1","attempt":2,"on":true})"});
}

TEST_F(LogTest, WritesTextForPeople) {
  const Log log = make({.form = Log::Form::text});
  log.info("opened", {{"rollback", "rb-1"}, {"why", "two words"}, {"share", 0.5}});
  EXPECT_EQ(lines_, std::vector<std::string>{"2026-01-27T10:18:04.431Z info    opened "
                                             "rollback=rb-1 why=\"two words\" share=0.5"});
}

TEST_F(LogTest, DropsWhatIsLessThanTheLeastSeverity) {
  const Log log = make({.least = LogLevel::warning});
  log.debug("a");
  log.info("b");
  log.error("c");
  EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(LogTest, CannotBeMadeToBeginALineOfItsOwn) {
  for (const auto form : {Log::Form::json, Log::Form::text}) {
    lines_.clear();
    make({.form = form}).info("a\nb\x1b[31m", {{"k", "c\r\n\x07"}});
    ASSERT_EQ(lines_.size(), 1U);
    for (const char c : lines_[0]) EXPECT_GE(c, ' ');
  }
}

TEST_F(LogTest, StaysJsonWhateverTheTextHolds) {
  make({}).info("\"}\\ \xFF {}", {{"a\"b", "%v {} \xC3"}});
  EXPECT_TRUE(json::parse(lines_.at(0)));
}

TEST_F(LogTest, CutsAnEndlessText) {
  make({}).info("x", {{"body", std::string(1'000'000, 'y')}});
  EXPECT_LT(lines_.at(0).size(), 5000U);
}

TEST_F(LogTest, TakesRecordsFromSeveralThreads) {
  const Log log = make({});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int n = 0; n < 100; ++n) log.info("turn", {{"n", n}});
      });
    }
  }
  EXPECT_EQ(lines_.size(), 400U);
}

}  // namespace
}  // namespace stepback
