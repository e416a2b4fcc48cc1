// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/probe_alarms.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <latch>
#include <thread>

#include "adapters/local/files.hpp"
#include "signals/read.hpp"
#include "unit/local/fixtures.hpp"
#include "unit/local/peers.hpp"

namespace stepback::local {
namespace {

const Environment production{"production"};

class AlarmsByProbes : public ::testing::Test {
 protected:
  ProbeAlarm alarm_of(const std::string& url, const std::string& name = "api-down") {
    return {.name = name,
            .environment = production,
            .roles = {.trigger = true, .validate = true},
            .url = url,
            .timeout = Duration(300)};
  }
  ProbeAlarms over(std::vector<ProbeAlarm> alarms) {
    return ProbeAlarms({directory_.path("alarms"), std::move(alarms)}, clock_);
  }
  std::vector<AlarmChange> changes_of(ProbeAlarms& alarms) {
    auto evaluation = alarms.evaluate();
    EXPECT_TRUE(evaluation) << evaluation.error().message;
    EXPECT_TRUE(evaluation->done);
    EXPECT_EQ(evaluation->problems, std::vector<std::string>{});
    return evaluation->changes;
  }
  AlarmSeen seen_by(ProbeAlarms& alarms) { return alarms.list(production).value().at(0); }
  AlarmSeen seen_after_one(const ProbeAlarm& alarm) {
    ProbeAlarms alarms = over({alarm});
    changes_of(alarms);
    return seen_by(alarms);
  }
  // Up, or down: what its service answers.
  std::atomic<bool> is_up_ = true;
  http::RawPeer service_{answering_by([this] { return answer_of(is_up_ ? 200 : 500, ""); })};
  TemporaryDirectory directory_;
  HandClock clock_;
};

TEST_F(AlarmsByProbes, HaveInsufficientDataBeforeTheFirstPoint) {
  ProbeAlarms alarms = over({alarm_of(url_of(service_))});
  const AlarmSeen seen = seen_by(alarms);
  EXPECT_EQ(seen.state, AlarmState::insufficient_data);
  EXPECT_EQ(seen.reason, "it has not been evaluated yet");
  EXPECT_TRUE(seen.roles.validate);
  EXPECT_TRUE(alarms.list({"test"}).value().empty());
}

TEST_F(AlarmsByProbes, TellAChangeOnceAndKeepIt) {
  ProbeAlarms alarms = over({alarm_of(url_of(service_))});
  auto changes = changes_of(alarms);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].from, AlarmState::insufficient_data);
  EXPECT_EQ(changes[0].to, AlarmState::ok);
  is_up_ = false;
  EXPECT_TRUE(changes_of(alarms).empty()) << "its period has had its point";
  clock_.pass(minutes(1));
  const Instant now = clock_.now();
  changes = changes_of(alarms);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].to, AlarmState::alarm);
  EXPECT_EQ(changes[0].at, now);
  EXPECT_EQ(first_breach(changes[0]), now);
  EXPECT_TRUE(changes[0].reason.contains("status 500")) << changes[0].reason;
  clock_.pass(minutes(1));
  EXPECT_TRUE(changes_of(alarms).empty());

  ProbeAlarms another_process = over({alarm_of(url_of(service_))});
  const AlarmSeen seen = seen_by(another_process);
  EXPECT_EQ(seen.state, AlarmState::alarm);
  EXPECT_EQ(seen.since, now);
  ASSERT_EQ(seen.points.size(), 3u);
  EXPECT_FALSE(seen.points[0].breaching);
  EXPECT_EQ(seen.points[1], (AlarmPoint{now, true}));
}

TEST_F(AlarmsByProbes, NeedMOfNPoints) {
  ProbeAlarm alarm = alarm_of(url_of(service_));
  alarm.evaluation_periods = 3;
  alarm.datapoints_to_alarm = 2;
  ProbeAlarms alarms = over({alarm});
  std::vector<AlarmState> states;
  for (const bool up : {true, false, true, false, true, true}) {
    is_up_ = up;
    changes_of(alarms);
    states.push_back(seen_by(alarms).state);
    clock_.pass(minutes(1));
  }
  EXPECT_EQ(states, (std::vector{AlarmState::ok, AlarmState::ok, AlarmState::ok, AlarmState::alarm,
                                 AlarmState::ok, AlarmState::ok}));
}

TEST_F(AlarmsByProbes, CountAServiceThatDoesNotAnswerAsBreaching) {
  const NobodyThere nobody;
  const AlarmSeen refused = seen_after_one(alarm_of(nobody.url(), "refused"));
  EXPECT_EQ(refused.state, AlarmState::alarm);
  EXPECT_TRUE(refused.reason.ends_with("connection refused")) << refused.reason;
  const http::RawPeer dripping(drip);
  EXPECT_TRUE(seen_after_one(alarm_of(url_of(dripping), "slow")).reason.contains("timed out"));
  const http::RawPeer endless(never_end);
  EXPECT_EQ(seen_after_one(alarm_of(url_of(endless), "endless")).state, AlarmState::alarm);
  const http::RawPeer moved(answering(301));
  EXPECT_EQ(seen_after_one(alarm_of(url_of(moved), "moved")).state, AlarmState::alarm);
}

TEST_F(AlarmsByProbes, BreachAboveTheLatencyLimit) {
  const http::RawPeer slow(
      answering_by([&] { return clock_.pass(Duration(90)), answer_of(200, ""); }));
  ProbeAlarm alarm = alarm_of(url_of(slow));
  alarm.max_latency = Duration(89);
  const AlarmSeen seen = seen_after_one(alarm);
  EXPECT_EQ(seen.state, AlarmState::alarm);
  EXPECT_TRUE(seen.reason.ends_with("status 200 in 90ms, above the limit of 89ms")) << seen.reason;
}

TEST_F(AlarmsByProbes, HoldANumberAgainstItsThreshold) {
  const auto state = [&](const std::string& body, double value, Comparison comparison) {
    const http::RawPeer peer(answering(200, body));
    ProbeAlarm alarm = alarm_of(url_of(peer), "n" + std::to_string(clock_.now().ms));
    alarm.threshold = {"/queue/depth", value, comparison};
    clock_.pass(Duration(1));
    return seen_after_one(alarm).state;
  };
  const std::string ten = R"({"queue":{"depth":10}})";
  EXPECT_EQ(state(ten, 10, Comparison::greater), AlarmState::ok);
  EXPECT_EQ(state(ten, 10, Comparison::greater_or_equal), AlarmState::alarm);
  EXPECT_EQ(state(ten, 10, Comparison::less), AlarmState::ok);
  EXPECT_EQ(state(ten, 10, Comparison::less_or_equal), AlarmState::alarm);
  EXPECT_EQ(state(ten, 9.5, Comparison::greater), AlarmState::alarm);
  for (const auto* body : {"", "{}", "10", R"({"queue":{"depth":"10"}})", "{\"queue\":"}) {
    EXPECT_EQ(state(body, 10, Comparison::less), AlarmState::insufficient_data) << body;
  }
}

TEST_F(AlarmsByProbes, AreInsufficientDataWhenNobodyEvaluates) {
  ProbeAlarms alarms = over({alarm_of(url_of(service_))});
  changes_of(alarms);
  clock_.pass(minutes(3));
  EXPECT_EQ(seen_by(alarms).state, AlarmState::ok);
  clock_.pass(seconds(1));
  EXPECT_EQ(seen_by(alarms).state, AlarmState::insufficient_data);
  EXPECT_TRUE(seen_by(alarms).reason.starts_with("nobody has evaluated it since"));
}

TEST_F(AlarmsByProbes, AreEvaluatedByOneAtATime) {
  ProbeAlarms alarms = over({alarm_of(url_of(service_))});
  ASSERT_TRUE(make_directories(directory_.path("alarms")));
  {
    const auto other = FileLock::take(directory_.path("alarms/lock"));
    const auto evaluation = alarms.evaluate();
    ASSERT_TRUE(evaluation);
    EXPECT_FALSE(evaluation->done);
    EXPECT_EQ(seen_by(alarms).points.size(), 0u);
  }
  EXPECT_EQ(changes_of(alarms).size(), 1u);
}

TEST_F(AlarmsByProbes, AreAskedSideBySide) {
  // Each service answers only when all three have been asked.
  std::latch all_asked(3);
  const auto together = answering_by([&] {
    all_asked.arrive_and_wait();
    return answer_of(200, "");
  });
  const http::RawPeer one(together);
  const http::RawPeer two(together);
  const http::RawPeer three(together);
  std::vector<ProbeAlarm> configured;
  for (const auto* peer : {&one, &two, &three}) {
    configured.push_back(alarm_of(url_of(*peer), "a" + std::to_string(peer->port())));
    configured.back().timeout = seconds(20);
  }
  ProbeAlarms alarms = over(configured);
  for (const AlarmChange& change : changes_of(alarms)) EXPECT_EQ(change.to, AlarmState::ok);
}

TEST_F(AlarmsByProbes, KeepTheirStateFromOthersAndSurviveItsLoss) {
  ProbeAlarms alarms = over({alarm_of(url_of(service_))});
  changes_of(alarms);
  struct stat facts{};
  ASSERT_EQ(::stat(directory_.path("alarms/api-down.json").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);

  directory_.write("alarms/api-down.json", "{\"schema\":");
  EXPECT_EQ(seen_by(alarms).state, AlarmState::insufficient_data);
  EXPECT_TRUE(seen_by(alarms).reason.starts_with("its state can't be read"));
  const auto evaluation = alarms.evaluate();
  ASSERT_TRUE(evaluation);
  EXPECT_EQ(evaluation->problems.size(), 1u);
  EXPECT_EQ(seen_by(alarms).state, AlarmState::ok);
}

TEST_F(AlarmsByProbes, WriteNoFileOutsideTheirDirectory) {
  ProbeAlarms alarms = over({alarm_of(url_of(service_), "../escaped")});
  const auto evaluation = alarms.evaluate();
  ASSERT_TRUE(evaluation);
  EXPECT_EQ(evaluation->problems.size(), 1u);
  EXPECT_FALSE(directory_.has("escaped.json"));
}

TEST_F(AlarmsByProbes, BecomeTheSameSignalsAsCloudWatchs) {
  ProbeAlarm alarm = alarm_of(url_of(service_));
  alarm.evaluation_periods = 3;
  alarm.datapoints_to_alarm = 2;
  ProbeAlarms alarms = over({alarm});
  changes_of(alarms);
  is_up_ = false;
  clock_.pass(minutes(1));
  changes_of(alarms);
  const Instant first = clock_.now();
  clock_.pass(minutes(1));
  is_up_ = true;
  changes_of(alarms);
  is_up_ = false;
  clock_.pass(minutes(1));
  const auto changes = changes_of(alarms);
  ASSERT_EQ(changes.size(), 1u);
  const auto signal = read_one_signal(to_alarm_event(changes[0]));
  ASSERT_TRUE(signal) << signal.error().message;
  EXPECT_EQ(*signal, to_signal(changes[0]));
  EXPECT_EQ(signal->first_breach, first);
}

}  // namespace
}  // namespace stepback::local
