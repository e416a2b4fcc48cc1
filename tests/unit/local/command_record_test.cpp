// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/command_record.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

class CommandRecordTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  SystemClock clock_;
  CommandRecord record_{directory_.path("command"), clock_};
  Command sleeping_{.arguments = {"sleep", "60"}, .limit = seconds(30)};
};

TEST_F(CommandRecordTest, IsThereBeforeTheCommandBeginsAndGoneAfterItsEnd) {
  auto child = record_.begin({.arguments = {"cat", directory_.path("command")}}, 7, "key");
  ASSERT_TRUE(child) << child.error().message;
  const auto ended = child->wait();
  EXPECT_NE(ended->output.find("\"operation\":7"), std::string::npos) << ended->output;
  ASSERT_TRUE(record_.end(child->id()));
  EXPECT_FALSE(directory_.has("command"));
}

TEST_F(CommandRecordTest, LeavesNoTraceOfACommandThatCouldNotBegin) {
  EXPECT_FALSE(record_.begin({.arguments = {"/nowhere/x"}}, 7, "key"));
  EXPECT_FALSE(directory_.has("command"));
}

TEST_F(CommandRecordTest, ARunningCommandOfALivingEngineIsWaitedFor) {
  auto child = record_.begin(sleeping_, 7, "key");
  ASSERT_TRUE(child);
  EXPECT_EQ(record_.make_way().error().code, Code::unavailable);
  EXPECT_EQ(record_.running()->value().operation, 7U);
}

TEST_F(CommandRecordTest, AnEndedCommandThatNobodyForgotStandsInNobodysWay) {
  {
    auto child = record_.begin(sleeping_, 7, "key");
    ASSERT_TRUE(child);
  }
  EXPECT_TRUE(directory_.has("command"));
  EXPECT_FALSE(record_.running()->has_value());
  EXPECT_TRUE(record_.make_way());
  EXPECT_FALSE(directory_.has("command"));
}

TEST_F(CommandRecordTest, ACommandPastItsDeadlineIsKilledThoughItsEngineLives) {
  HandClock hand;
  CommandRecord record(directory_.path("command"), hand);
  auto child = record.begin(sleeping_, 7, "key");
  ASSERT_TRUE(child);
  hand.pass(seconds(31));
  EXPECT_EQ(record.make_way().error().code, Code::unavailable);
  hand.pass(seconds(10));
  EXPECT_TRUE(record.make_way());
  EXPECT_TRUE(is_gone_soon(child->id()));
}

TEST_F(CommandRecordTest, DoesNotKillAnotherProcessThatGotTheSameNumber) {
  const pid_t other = ::fork();
  if (other == 0) {
    ::setpgid(0, 0);
    ::execl("/bin/sleep", "sleep", "60", nullptr);
  }
  ::setpgid(other, other);
  ProcessIdentity process = identity_of(other).value();
  process.started -= 1;
  ProcessIdentity owner = own_identity();
  owner.started += 1;
  json::Object object{{"operation", 7},        {"key", "k"},     {"mark", "STEPBACK_COMMAND=1"},
                      {"deadline", 1},         {"program", "x"}, {"process", encode(process)},
                      {"owner", encode(owner)}};
  directory_.write("command", json::write(object));
  EXPECT_TRUE(record_.make_way());
  EXPECT_EQ(::kill(other, 0), 0);
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
}

TEST_F(CommandRecordTest, CountsARecordOfAnEarlierBootAsEnded) {
  json::Object process{{"id", ::getpid()}, {"started", 1}, {"world", "another-boot/1"}};
  json::Object object{{"operation", 7}, {"key", "k"},         {"mark", "m"},     {"deadline", 1},
                      {"program", "x"}, {"process", process}, {"owner", process}};
  directory_.write("command", json::write(object));
  EXPECT_TRUE(record_.make_way());
}

TEST_F(CommandRecordTest, DecidesNothingFromADamagedRecord) {
  directory_.write("command", "{\"process\":");
  EXPECT_EQ(record_.make_way().error().code, Code::corrupt);
  EXPECT_EQ(record_.running().error().code, Code::corrupt);
}

TEST(ProcessIdentityTest, OfOurselvesIsAlive) {
  EXPECT_EQ(life_of(own_identity()), Life::alive);
  ProcessIdentity other = own_identity();
  other.started += 1;
  EXPECT_EQ(life_of(other), Life::gone);
  other = own_identity();
  other.world += "9";
  EXPECT_EQ(life_of(other), Life::not_to_be_told);
}

TEST(ProcessIdentityTest, SurvivesItsJson) {
  const json::Value value = encode(own_identity());
  EXPECT_EQ(decode_process(json::Reader(value)).value(), own_identity());
}

}  // namespace
}  // namespace stepback::local
