// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/cloudwatch.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "adapters/aws/epoch.hpp"
#include "adapters/aws/many.hpp"
#include "base/text.hpp"

namespace stepback::aws {
namespace {

constexpr int most_pages = 500;  // of 100 alarms
constexpr int page_size = 100;
constexpr std::int64_t shortest_period = 1;
constexpr std::int64_t longest_period = 7 * 86'400;
constexpr std::int64_t most_periods = 10'000;

json::Array both_types() { return {json::Value("MetricAlarm"), json::Value("CompositeAlarm")}; }

// --- points -------------------------------------------------------------------------------------

enum class Breach { above, from, below, up_to };

// None for anomaly bands, whose threshold is no number.
std::optional<Breach> breach_of(std::string_view comparison) {
  if (comparison == "GreaterThanThreshold") return Breach::above;
  if (comparison == "GreaterThanOrEqualToThreshold") return Breach::from;
  if (comparison == "LessThanThreshold") return Breach::below;
  if (comparison == "LessThanOrEqualToThreshold") return Breach::up_to;
  return std::nullopt;
}

bool breaches(double value, Breach breach, double threshold) {
  switch (breach) {
    case Breach::above: return value > threshold;
    case Breach::from: return value >= threshold;
    case Breach::below: return value < threshold;
    case Breach::up_to: return value <= threshold;
  }
  std::unreachable();
}

struct Threshold {
  Breach breach;
  double value;
};

// With a time each, the newest first.
Result<std::vector<AlarmPoint>> evaluated_points(const json::Reader& data, Threshold threshold) {
  std::vector<AlarmPoint> points;
  for (const auto& point : TRY(data.optional_array("evaluatedDatapoints"))) {
    const auto value = TRY(point.optional_number("value"));
    if (!value) continue;  // the data was missing
    const auto from = TRY(point.instant("timestamp"));
    points.push_back({from, breaches(*value, threshold.breach, threshold.value)});
  }
  return points;
}

// The older form: values from a date on, which are without gaps if they are as many as periods.
Result<std::vector<AlarmPoint>> recent_points(const json::Reader& data, Threshold threshold,
                                              const AlarmSeen& alarm) {
  std::vector<AlarmPoint> points;
  const auto values = TRY(data.optional_array("recentDatapoints"));
  if (static_cast<int>(values.size()) != alarm.evaluated) return points;
  Instant from = TRY(data.instant("startDate"));
  for (const auto& value : values) {
    const double number = TRY(value.as_number());
    points.push_back({from, breaches(number, threshold.breach, threshold.value)});
    from = from + alarm.period;
  }
  return points;
}

Result<std::vector<AlarmPoint>> points_of(const json::Reader& alarm, const AlarmSeen& seen) {
  const auto text = TRY(alarm.text_or("StateReasonData", ""));
  if (text.empty()) return std::vector<AlarmPoint>();
  const auto document = TRY(json::parse(text));
  const json::Reader data(document);
  const auto breach = breach_of(TRY(alarm.text_or("ComparisonOperator", "")));
  auto value = TRY(alarm.optional_number("Threshold"));
  if (!value) value = TRY(data.optional_number("threshold"));
  if (!breach || !value) return std::vector<AlarmPoint>();
  const Threshold threshold{*breach, *value};
  auto points = TRY(evaluated_points(data, threshold));
  if (points.empty()) points = TRY(recent_points(data, threshold, seen));
  std::ranges::sort(points, {}, &AlarmPoint::from);
  return points;
}

// A reason is told when the state changes, and no more: an alarm that stays red keeps its old one.
bool reach_up_to_now(const AlarmSeen& alarm, Instant now) {
  return !alarm.points.empty() &&
         alarm.points.back().from + alarm.period * 2 + alarm.publishing_delay >= now;
}

// --- an alarm -----------------------------------------------------------------------------------

std::int64_t within(std::int64_t value, std::int64_t least, std::int64_t most) {
  return std::clamp(value, least, most);
}

// The alarm's own, or the longest of the series it is computed from.
Result<Duration> period_of(const json::Reader& alarm) {
  auto longest = TRY(alarm.integer_or("Period", 0));
  for (const auto& metric : TRY(alarm.optional_array("Metrics"))) {
    longest = std::max(longest, TRY(metric.integer_or("Period", 0)));
    const auto statistic = TRY(metric.optional_object("MetricStat"));
    if (statistic) longest = std::max(longest, TRY(statistic->integer_or("Period", 0)));
  }
  if (longest == 0) longest = TRY(alarm.integer_or("EvaluationInterval", 60));
  return seconds(within(longest, shortest_period, longest_period));
}

Result<AlarmState> state_of(const json::Reader& alarm, std::string_view key) {
  const auto state = named<AlarmState>(TRY(alarm.text(key)));
  if (!state) return fail(alarm.wrong(key, "not a state of an alarm"));
  return *state;
}

Result<AlarmSeen> any_alarm(const json::Reader& alarm) {
  AlarmSeen seen{.name = TRY(alarm.text("AlarmName"))};
  seen.state = TRY(state_of(alarm, "StateValue"));
  seen.reason = one_line(TRY(alarm.text_or("StateReason", "")), 1024);
  seen.enabled = TRY(alarm.boolean_or("ActionsEnabled", true));
  auto since = TRY(epoch_in(alarm, "StateTransitionedTimestamp"));
  if (!since) since = TRY(epoch_in(alarm, "StateUpdatedTimestamp"));
  if (!since) return fail(alarm.wrong("StateUpdatedTimestamp", "expected a time"));
  seen.since = *since;
  return seen;
}

Result<AlarmSeen> metric_alarm(const json::Reader& alarm, Duration publishing_delay) {
  AlarmSeen seen = TRY(any_alarm(alarm));
  seen.publishing_delay = publishing_delay;
  seen.period = TRY(period_of(alarm));
  const auto evaluated = within(TRY(alarm.integer_or("EvaluationPeriods", 1)), 1, most_periods);
  const auto to_alarm = TRY(alarm.integer_or("DatapointsToAlarm", evaluated));
  seen.evaluated = static_cast<int>(evaluated);
  seen.to_alarm = static_cast<int>(within(to_alarm, 1, evaluated));
  const auto missing = named<MissingData>(TRY(alarm.text_or("TreatMissingData", "missing")));
  seen.missing = missing.value_or(MissingData::missing);
  // Knowledge besides: an alarm whose points can't be read is still an alarm.
  if (auto points = points_of(alarm, seen)) seen.points = *std::move(points);
  return seen;
}

// It has no data of its own and follows its parts: one period of a minute, and their delay.
Result<AlarmSeen> composite_alarm(const json::Reader& alarm, Duration publishing_delay) {
  AlarmSeen seen = TRY(any_alarm(alarm));
  seen.publishing_delay = publishing_delay;
  return seen;
}

// --- history ------------------------------------------------------------------------------------

struct Turned {
  AlarmState from;
  AlarmState to;
  std::string reason;
};

std::optional<Turned> turned_in(const std::string& data) {
  const auto document = json::parse(data);
  if (!document) return std::nullopt;
  const json::Reader reader(*document);
  const auto before = reader.object("oldState");
  const auto after = reader.object("newState");
  if (!before || !after) return std::nullopt;
  const auto from = state_of(*before, "stateValue");
  const auto to = state_of(*after, "stateValue");
  if (!from || !to) return std::nullopt;
  return Turned{*from, *to, one_line(after->text_or("stateReason", "").value_or(""), 1024)};
}

// "Alarm updated from OK to ALARM", for when the data was cut.
std::optional<Turned> turned_by(std::string_view summary) {
  constexpr std::string_view start = "Alarm updated from ";
  constexpr std::string_view middle = " to ";
  if (!summary.starts_with(start)) return std::nullopt;
  summary.remove_prefix(start.size());
  const auto at = summary.find(middle);
  if (at == std::string_view::npos) return std::nullopt;
  const auto from = named<AlarmState>(summary.substr(0, at));
  const auto to = named<AlarmState>(summary.substr(at + middle.size()));
  if (!from || !to) return std::nullopt;
  return Turned{*from, *to, ""};
}

Result<std::optional<AlarmTurn>> turn_of(const json::Reader& item) {
  if (TRY(item.text_or("HistoryItemType", "")) != "StateUpdate") return std::nullopt;
  const auto at = TRY(epoch_in(item, "Timestamp"));
  if (!at) return fail(item.wrong("Timestamp", "expected a time"));
  auto turned = turned_in(TRY(item.text_or("HistoryData", "")));
  if (!turned) turned = turned_by(TRY(item.text_or("HistorySummary", "")));
  if (!turned) return std::nullopt;
  return AlarmTurn{.name = {},
                   .at = *at,
                   .from = turned->from,
                   .to = turned->to,
                   .reason = std::move(turned->reason)};
}

// Calls `take` with every page.
template <class Take>
Result<> each_page(Service& service, std::string_view operation, json::Object parameters,
                   Take take) {
  for (int pages = 0; pages < most_pages; ++pages) {
    const auto answer = service.call(operation, parameters);
    if (!answer) return fail(to_error(answer.error()).during(operation));
    const json::Reader page(*answer);
    auto taken = take(page);
    if (!taken) return fail(Code::corrupt, fmt::format("{}: {}", operation, taken.error().message));
    const auto next = TRY(page.text_or("NextToken", ""));
    if (next.empty()) return {};
    parameters["NextToken"] = next;
  }
  return fail(Code::corrupt, fmt::format("{} has no end after {} pages", operation, most_pages));
}

}  // namespace

std::vector<std::string> alarm_prefixes(const AlarmRules& rules, const Environment& environment) {
  std::vector<std::string> all;
  for (const auto& rule : rules) {
    std::string prefix = fill_in(rule.pattern, {{"environment", environment.name}});
    if (prefix.ends_with('*')) prefix.pop_back();
    all.push_back(std::move(prefix));
  }
  std::ranges::sort(all);
  std::vector<std::string> needed;
  for (auto& prefix : all)
    if (needed.empty() || !prefix.starts_with(needed.back())) needed.push_back(std::move(prefix));
  return needed;
}

Result<std::vector<AlarmSeen>> CloudWatchAlarms::described(json::Object parameters) {
  std::vector<AlarmSeen> alarms;
  parameters["AlarmTypes"] = both_types();
  parameters["MaxRecords"] = page_size;
  const auto read = [&](const json::Reader& page) -> Result<> {
    for (const auto& alarm : TRY(page.optional_array("MetricAlarms")))
      alarms.push_back(TRY(metric_alarm(alarm, config_.publishing_delay)));
    for (const auto& alarm : TRY(page.optional_array("CompositeAlarms")))
      alarms.push_back(TRY(composite_alarm(alarm, config_.publishing_delay)));
    return {};
  };
  TRY(each_page(service_, "DescribeAlarms", std::move(parameters), read));
  return alarms;
}

Result<std::vector<AlarmSeen>> CloudWatchAlarms::list(const Environment& environment) {
  const auto prefixes = alarm_prefixes(config_.rules, environment);
  std::vector<std::vector<AlarmSeen>> found(prefixes.size());
  std::vector<std::function<Result<>()>> looks;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    looks.emplace_back([&, i]() -> Result<> {
      json::Object parameters;
      if (!prefixes[i].empty()) parameters["AlarmNamePrefix"] = prefixes[i];
      found[i] = TRY(described(std::move(parameters)));
      return {};
    });
  }
  TRY(side_by_side(looks));
  std::vector<AlarmSeen> ours;
  for (auto& alarms : found) {
    for (auto& alarm : alarms) {
      const auto match = match_alarm(alarm.name, config_.environments, config_.rules);
      if (!match || match->environment != environment) continue;
      alarm.roles = match->roles;
      if (alarm.state == AlarmState::alarm && !reach_up_to_now(alarm, clock_.now()))
        alarm.points.clear();
      ours.push_back(std::move(alarm));
    }
  }
  // A page may repeat what the one before ended with, when alarms come and go meanwhile.
  std::ranges::stable_sort(ours, {}, &AlarmSeen::name);
  const auto twice = std::ranges::unique(ours, {}, &AlarmSeen::name);
  ours.erase(twice.begin(), twice.end());
  return ours;
}

Result<AlarmState> CloudWatchAlarms::state(const std::string& name) {
  const auto alarms = TRY(described(json::Object{{"AlarmNames", json::Array{json::Value(name)}}}));
  const auto found = std::ranges::find(alarms, name, &AlarmSeen::name);
  if (found == alarms.end()) return fail(Code::not_found, "there is no alarm " + one_line(name));
  return found->state;
}

Result<std::vector<AlarmTurn>> CloudWatchAlarms::history(const std::string& name, Instant since) {
  std::vector<AlarmTurn> turns;
  json::Object parameters{{"AlarmName", name},
                          {"AlarmTypes", both_types()},
                          {"HistoryItemType", "StateUpdate"},
                          {"StartDate", to_epoch(since)},
                          {"ScanBy", "TimestampDescending"},
                          {"MaxRecords", page_size}};
  const auto read = [&](const json::Reader& page) -> Result<> {
    for (const auto& item : TRY(page.optional_array("AlarmHistoryItems"))) {
      auto turn = TRY(turn_of(item));
      if (!turn || turn->at < since) continue;
      turn->name = name;
      turns.push_back(*std::move(turn));
    }
    return {};
  };
  TRY(each_page(service_, "DescribeAlarmHistory", std::move(parameters), read));
  std::ranges::stable_sort(turns, {}, &AlarmTurn::at);
  return turns;
}

Result<std::vector<AlarmTurn>> CloudWatchAlarms::turns(const Environment& environment,
                                                       Instant since, Instant until) {
  std::vector<AlarmTurn> all;
  for (const auto& alarm : TRY(list(environment))) {
    for (auto& turn : TRY(history(alarm.name, since)))
      if (turn.at < until) all.push_back(std::move(turn));
  }
  std::ranges::stable_sort(all, {}, &AlarmTurn::at);
  return all;
}

}  // namespace stepback::aws
