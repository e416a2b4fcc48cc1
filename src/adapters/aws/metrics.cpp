// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/metrics.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "adapters/aws/epoch.hpp"

namespace stepback::aws {
namespace {

constexpr std::size_t most_series = 1000;  // of one PutMetricData
constexpr std::size_t most_embedded = 100;
constexpr int most_periods = 1440;
constexpr Duration oldest_taken = days(14) - hours(1);  // CloudWatch takes two weeks

constexpr std::string_view count = "Count";
constexpr std::string_view duration = "Seconds";
constexpr std::string_view no_unit = "None";

// --- what a notice means ------------------------------------------------------------------------

Datum datum(const Notice& notice, std::string_view name, std::string_view unit, double value) {
  return {.name = std::string(name),
          .unit = std::string(unit),
          .value = value,
          .at = notice.at,
          .environment = notice.environment.name,
          .level = notice.level,
          .outcome = {},
          .rollback = notice.rollback ? notice.rollback->text : std::string(),
          .deployment = notice.deployment.text,
          .target_version = notice.target_version.text};
}

double in_seconds(Duration took) { return static_cast<double>(took.count()) / 1000; }

// Where the rollback began, and every other environment that it brought back.
std::vector<std::string> environments_of(const Notice& notice) {
  std::vector<std::string> all{notice.environment.name};
  for (const auto& name : notice.environments_rolled_back)
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  return all;
}

std::vector<Datum> end_of_rollback(const Notice& notice, Outcome outcome) {
  std::vector<Datum> data;
  for (const auto& environment : environments_of(notice)) {
    Datum one = datum(notice, rollback_count_metric, count, 1);
    one.environment = environment;
    one.outcome = name_of(outcome);
    data.push_back(one);
    if (outcome != Outcome::succeeded) continue;
    Datum validated = datum(notice, validation_result_metric, no_unit, 1);
    validated.environment = environment;
    data.push_back(std::move(validated));
  }
  if (notice.took) {
    Datum took = datum(notice, rollback_duration_metric, duration, in_seconds(*notice.took));
    took.outcome = name_of(outcome);
    data.push_back(std::move(took));
  }
  return data;
}

std::vector<Datum> end_of_deployment(const Notice& notice) {
  Datum took = datum(notice, deployment_duration_metric, duration,
                     in_seconds(notice.took.value_or(Duration{})));
  took.outcome = name_of(notice.validation_status == "success" ? DeploymentStatus::succeeded
                                                               : DeploymentStatus::failed);
  return {std::move(took)};
}

// --- series -------------------------------------------------------------------------------------

using Dimension = std::pair<std::string_view, std::string_view>;

// The dimensions of each series of this datum, beside its environment.
std::vector<std::vector<Dimension>> series_of(const Datum& datum) {
  std::vector<std::vector<Dimension>> all{{}};
  if (!datum.level.empty()) all.push_back({{"RollbackLevel", datum.level}});
  if (!datum.outcome.empty()) all.push_back({{"Outcome", datum.outcome}});
  return all;
}

json::Object named_value(std::string_view name, std::string_view value) {
  return {{"Name", name}, {"Value", value}};
}

json::Object point_of(const Datum& datum, const std::vector<Dimension>& finer) {
  json::Array dimensions{named_value("Environment", datum.environment)};
  for (const auto& [name, value] : finer) dimensions.push_back(named_value(name, value));
  return {{"MetricName", datum.name},
          {"Dimensions", std::move(dimensions)},
          {"Timestamp", to_epoch(datum.at)},
          {"Value", datum.value},
          {"Unit", datum.unit}};
}

// --- embedded metrics ---------------------------------------------------------------------------

// Data that one line can carry: a line has one value for each name.
struct Line {
  std::vector<const Datum*> data;
  std::string_view level;
  std::string_view outcome;

  bool takes(const Datum& datum) const {
    if (data.empty()) return true;
    const Datum& first = *data.front();
    const bool named_already = std::ranges::find(data, datum.name, &Datum::name) != data.end();
    const auto fits = [](std::string_view ours, std::string_view its) {
      return ours.empty() || its.empty() || ours == its;
    };
    return !named_already && data.size() < most_embedded && first.at == datum.at &&
           first.environment == datum.environment && first.rollback == datum.rollback &&
           fits(level, datum.level) && fits(outcome, datum.outcome);
  }

  void take(const Datum& datum) {
    data.push_back(&datum);
    if (level.empty()) level = datum.level;
    if (outcome.empty()) outcome = datum.outcome;
  }
};

// Those of the line's metrics that have the dimension; none: all of them.
void add_directive(json::Array& directives, const Line& line, std::string_view name_space,
                   std::string_view dimension) {
  json::Array metrics;
  for (const Datum* datum : line.data) {
    const auto all = series_of(*datum);
    const bool has = dimension.empty() || std::ranges::any_of(all, [&](const auto& finer) {
                       return !finer.empty() && finer.front().first == dimension;
                     });
    if (has) metrics.push_back(json::Object{{"Name", datum->name}, {"Unit", datum->unit}});
  }
  if (metrics.empty()) return;
  json::Array dimensions{json::Value("Environment")};
  if (!dimension.empty()) dimensions.push_back(json::Value(dimension));
  json::Object directive{{"Namespace", name_space}};
  directive["Dimensions"] = json::Array{json::Value(std::move(dimensions))};
  directive["Metrics"] = std::move(metrics);
  directives.push_back(std::move(directive));
}

void put(json::Object& object, std::string_view key, std::string_view text) {
  if (!text.empty()) object[key] = text;
}

std::string written(const Line& line, std::string_view name_space) {
  const Datum& first = *line.data.front();
  json::Array directives;
  for (const std::string_view dimension : {"", "RollbackLevel", "Outcome"})
    add_directive(directives, line, name_space, dimension);
  json::Object aws{{"Timestamp", first.at.ms}};
  aws["CloudWatchMetrics"] = std::move(directives);
  json::Object object;
  object["_aws"] = std::move(aws);
  object["Environment"] = first.environment;
  put(object, "RollbackLevel", line.level);
  put(object, "Outcome", line.outcome);
  for (const Datum* datum : line.data) object[datum->name] = datum->value;
  put(object, "rollbackId", first.rollback);
  put(object, "deploymentId", first.deployment);
  put(object, "targetVersion", first.target_version);
  return json::write(object);
}

// --- reading ------------------------------------------------------------------------------------

Result<> check(const MetricQuery& query) {
  if (query.period < minutes(1) || query.period % minutes(1) != Duration{})
    return fail(Code::invalid, "a period of " + to_short(query.period) + " is no whole minute");
  if (query.from >= query.to)
    return fail(Code::invalid, "the time asked for ends before it begins");
  if ((query.to - query.from) / query.period > most_periods)
    return fail(Code::invalid, fmt::format("more than {} periods: ask for less time, or for longer "
                                           "periods",
                                           most_periods));
  return {};
}

json::Object parameters_of(const MetricQuery& query, std::string_view name_space) {
  json::Array dimensions;
  for (const auto& [name, value] : query.dimensions) dimensions.push_back(named_value(name, value));
  json::Object parameters{{"Namespace", name_space}, {"MetricName", query.name}};
  parameters["Dimensions"] = std::move(dimensions);
  parameters["StartTime"] = to_epoch(query.from);
  parameters["EndTime"] = to_epoch(query.to);
  parameters["Period"] = std::chrono::duration_cast<seconds>(query.period).count();
  parameters["Statistics"] = json::Array{json::Value(query.statistic)};
  return parameters;
}

}  // namespace

std::vector<Datum> data_of(const Notice& notice) {
  // What is rehearsed is not counted, nor what was told before.
  if (notice.origin == name_of(Origin::drill) || notice.again) return {};
  switch (notice.kind) {
    case NoticeKind::rollback_completed: return end_of_rollback(notice, Outcome::succeeded);
    case NoticeKind::rollback_escalated: return end_of_rollback(notice, Outcome::escalated);
    case NoticeKind::rollback_failed: return end_of_rollback(notice, Outcome::handed_over);
    case NoticeKind::rollback_validation_failed:
      return {datum(notice, validation_result_metric, no_unit, 0)};
    case NoticeKind::trigger_notified:
    case NoticeKind::brake_engaged: return {datum(notice, ignored_trigger_metric, count, 1)};
    case NoticeKind::deployment_ended: return end_of_deployment(notice);
    case NoticeKind::rollback_started:
    case NoticeKind::rollback_cancelled:
    case NoticeKind::budget_at_risk:
    case NoticeKind::release_held:
    case NoticeKind::approval_wanted:
    case NoticeKind::door_closes:
    case NoticeKind::emergency_declared:
    case NoticeKind::readiness_lost:
    case NoticeKind::drill_due:
    case NoticeKind::run_ended:
    case NoticeKind::orphan_closed:
    case NoticeKind::handed_back:
    case NoticeKind::channel_test: return {};
  }
  std::unreachable();
}

std::vector<Datum> data_of(const TriggerRecord& record) {
  const bool silent = record.disposition == Disposition::ignored ||
                      record.disposition == Disposition::stale ||
                      record.disposition == Disposition::rejected;
  const bool red =
      record.signal.kind != SignalKind::alarm || record.signal.state == AlarmState::alarm;
  if (!silent || !red || !record.environment) return {};
  Notice notice{.at = record.received_at};
  notice.environment = *record.environment;
  return {datum(notice, ignored_trigger_metric, count, 1)};
}

std::vector<std::string> embedded_lines(std::span<const Datum> data, std::string_view name_space) {
  std::vector<Line> lines;
  for (const auto& each : data) {
    auto line = std::ranges::find_if(lines, [&](const Line& open) { return open.takes(each); });
    if (line == lines.end()) line = lines.emplace(lines.end());
    line->take(each);
  }
  std::vector<std::string> texts;
  for (const auto& line : lines) texts.push_back(written(line, name_space));
  return texts;
}

MetricSink embedded_metrics(LineSink write, std::string name_space) {
  return [write = std::move(write),
          name_space = std::move(name_space)](std::span<const Datum> data) -> Result<> {
    for (const auto& line : embedded_lines(data, name_space)) write(line);
    return {};
  };
}

Result<> CloudWatchMetrics::put(std::span<const Datum> data) {
  json::Array points;
  const auto flush = [&]() -> Result<> {
    if (points.empty()) return {};
    json::Object parameters{{"Namespace", name_space_}};
    parameters["MetricData"] = std::exchange(points, {});
    const auto answer = service_.call("PutMetricData", parameters);
    if (!answer) return fail(to_error(answer.error()).during("PutMetricData"));
    return {};
  };
  const Instant oldest = clock_.now() - oldest_taken;
  for (const auto& each : data) {
    if (each.at < oldest) continue;
    for (const auto& finer : series_of(each)) {
      points.push_back(point_of(each, finer));
      if (points.size() == most_series) TRY(flush());
    }
  }
  return flush();
}

Result<std::vector<MetricPoint>> CloudWatchMetrics::read(const MetricQuery& query) {
  TRY(check(query));
  const auto answer = service_.call("GetMetricStatistics", parameters_of(query, name_space_));
  if (!answer) return fail(to_error(answer.error()).during("GetMetricStatistics"));
  std::vector<MetricPoint> points;
  for (const auto& point : TRY(json::Reader(*answer).optional_array("Datapoints"))) {
    const auto from = TRY(epoch_in(point, "Timestamp"));
    if (!from) return fail(point.wrong("Timestamp", "expected a time"));
    const auto value = TRY(point.number(query.statistic));
    points.push_back({*from, value});
  }
  std::ranges::sort(points, {}, &MetricPoint::from);
  return points;
}

bool MetricsNotifier::wants(const Notice& notice) const {
  const bool here =
      config_.environments.empty() ||
      std::ranges::find(config_.environments, notice.environment) != config_.environments.end();
  return here && !data_of(notice).empty();
}

Result<> MetricsNotifier::tell(const Notice& notice) { return publish_(data_of(notice)); }

}  // namespace stepback::aws
