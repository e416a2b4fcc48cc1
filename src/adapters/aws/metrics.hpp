// SPDX-License-Identifier: Apache-2.0
#pragma once

// Metrics: what notices and triggers mean in numbers, and two ways to publish them: PutMetricData,
// and lines in the embedded metric format, from which CloudWatch Logs makes the same metrics.
//
//   name                unit     series beside {Environment}   from
//   DeploymentDuration  Seconds  Outcome                       a deployment's end
//   RollbackCount       Count    RollbackLevel, Outcome        a rollback's end, in each
//   environment
//                                                              that it brought back
//   RollbackDuration    Seconds  RollbackLevel, Outcome        trigger to end
//   ValidationResult    None     RollbackLevel                 1 passed, 0 failed
//   IgnoredTrigger      Count    -                             seen, and nothing touched
//
// The series with exactly {Environment} comes first, for it is the one that alarms and the
// runbook's queries read; a series with another dimension is another series.
//
// MetricsNotifier is a channel: the outbox makes it at least once, so that after a lost answer or a
// crash in between, a value may be counted twice. Any thread.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/service.hpp"
#include "domain/signal.hpp"
#include "ports/outreach.hpp"
#include "wire/names.hpp"

namespace stepback::aws {

// One value, of one environment at one time.
struct Datum {
  std::string name;
  std::string unit;  // as CloudWatch spells it
  double value = 0;
  Instant at;
  std::string environment;
  std::string level;    // empty: no series by level
  std::string outcome;  // empty: no series by outcome
  // Beside the embedded metrics, to be found in the log; no dimensions.
  std::string rollback;
  std::string deployment;
  std::string target_version;

  bool operator==(const Datum&) const = default;
};

std::vector<Datum> data_of(const Notice& notice);
// A trigger of which nobody is told: an alarm that was ignored, is stale or was rejected.
std::vector<Datum> data_of(const TriggerRecord& record);

// What publishes them: all, or an error.
using MetricSink = std::function<Result<>(std::span<const Datum> data)>;

// A line is one JSON object, with at most 100 metrics of one environment and time.
std::vector<std::string> embedded_lines(std::span<const Datum> data,
                                        std::string_view name_space = metric_namespace);
using LineSink = std::function<void(std::string_view line)>;
MetricSink embedded_metrics(LineSink write, std::string name_space = std::string(metric_namespace));

struct MetricQuery {
  std::string name;       // "RollbackCount"
  std::string statistic;  // Sum, Average, Minimum, Maximum or SampleCount
  std::vector<std::pair<std::string, std::string>> dimensions;  // {"Environment", "production"}
  Instant from;
  Instant to;
  Duration period = hours(1);  // whole minutes
};
struct MetricPoint {
  Instant from;
  double value = 0;

  bool operator==(const MetricPoint&) const = default;
};

class CloudWatchMetrics {
 public:
  static constexpr Dialect dialect{.id = "monitoring",
                                   .signing = "",
                                   .target = "GraniteServiceVersion20100801",
                                   .version = "1.0"};

  CloudWatchMetrics(Service& service, const Clock& clock,
                    std::string name_space = std::string(metric_namespace))
      : service_(service), clock_(clock), name_space_(std::move(name_space)) {}

  // In parts of at most 1000 series. What is older than CloudWatch takes is left out, for it would
  // be refused for ever.
  Result<> put(std::span<const Datum> data);

  // Oldest first; a period without data has no point. invalid: more than 1440 periods.
  Result<std::vector<MetricPoint>> read(const MetricQuery& query);

 private:
  Service& service_;
  const Clock& clock_;
  std::string name_space_;
};

struct MetricsConfig {
  std::string name = "metrics";
  std::vector<Environment> environments;  // none: all of them
};

class MetricsNotifier final : public Notifier {
 public:
  MetricsNotifier(MetricsConfig config, MetricSink publish)
      : config_(std::move(config)), publish_(std::move(publish)) {}

  std::string_view name() const override { return config_.name; }
  bool wants(const Notice& notice) const override;
  Result<> tell(const Notice& notice) override;

 private:
  MetricsConfig config_;
  MetricSink publish_;
};

}  // namespace stepback::aws
