// SPDX-License-Identifier: Apache-2.0
#include "entry/api/metrics.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

namespace stepback {
namespace {

constexpr std::array<int, 6> bounds{30, 60, 120, 300, 600, 900};  // seconds
constexpr std::size_t most_counted = 10'000;

void describe(std::string& text, std::string_view name, std::string_view type,
              std::string_view help) {
  text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void add_counter(std::string& text, std::string_view name, std::string_view help,
                 std::uint64_t value) {
  describe(text, name, "counter", help);
  text += fmt::format("{} {}\n", name, value);
}

void add_rollbacks(std::string& text, const std::vector<Rollback>& rollbacks) {
  std::map<std::string, int> ends;
  std::map<std::string, std::vector<double>> durations;
  int active = 0;
  for (const auto& rollback : rollbacks) {
    if (!rollback.outcome) {
      ++active;
      continue;
    }
    ++ends[fmt::format(R"(environment="{}",level="{}",result="{}")", rollback.environment.name,
                       name_of(rollback.level), name_of(*rollback.outcome))];
    const auto took = *rollback.ended_at - rollback.accepted_at;
    durations[rollback.environment.name].push_back(static_cast<double>(took.count()) / 1000);
  }
  describe(text, "stepback_rollbacks_total", "counter", "Rollbacks that reached an end.");
  for (const auto& [labels, count] : ends)
    text += fmt::format("stepback_rollbacks_total{{{}}} {}\n", labels, count);
  describe(text, "stepback_rollbacks_active", "gauge", "Rollbacks under way.");
  text += fmt::format("stepback_rollbacks_active {}\n", active);
  describe(text, "stepback_rollback_duration_seconds", "histogram", "Time from trigger to end.");
  for (const auto& [environment, values] : durations) {
    double sum = 0;
    for (const double value : values) sum += value;
    for (const int bound : bounds) {
      const auto within =
          std::ranges::count_if(values, [&](double value) { return value <= bound; });
      text += fmt::format(
          "stepback_rollback_duration_seconds_bucket{{environment=\"{}\",le=\"{}\"}} {}\n",
          environment, bound, within);
    }
    text += fmt::format(
        "stepback_rollback_duration_seconds_bucket{{environment=\"{0}\",le=\"+Inf\"}} {1}\n"
        "stepback_rollback_duration_seconds_sum{{environment=\"{0}\"}} {2}\n"
        "stepback_rollback_duration_seconds_count{{environment=\"{0}\"}} {1}\n",
        environment, values.size(), sum);
  }
}

Result<> add_environments(std::string& text, Engine& engine) {
  std::string versions, held, waiting;
  for (const auto& environment : engine.settings.environments) {
    const auto head = TRY(engine.store.head(environment));
    if (head.live) {
      versions +=
          fmt::format("stepback_environment_version_info{{environment=\"{}\",version=\"{}\"}} 1\n",
                      environment.name, head.live->version.text);
    }
    held += fmt::format("stepback_holds{{environment=\"{}\"}} {}\n", environment.name,
                        head.holds.size());
    waiting += fmt::format("stepback_waiting_for_people{{environment=\"{}\"}} {}\n",
                           environment.name, head.waiting ? 1 : 0);
  }
  describe(text, "stepback_environment_version_info", "gauge",
           "What is recorded as live; always 1.");
  text += versions;
  describe(text, "stepback_holds", "gauge", "Releases kept out.");
  text += held;
  describe(text, "stepback_waiting_for_people", "gauge",
           "1 when an escalated rollback left it to people.");
  text += waiting;
  return {};
}

}  // namespace

Result<std::string> metrics_text(Engine& engine, const Ingest& ingest, const Runner& runner) {
  std::string text;
  add_rollbacks(text, TRY(engine.ledger.rollbacks({.limit = most_counted})));
  TRY(add_environments(text, engine));
  const auto& counters = ingest.counters();
  add_counter(text, "stepback_events_received_total", "Events that arrived.", counters.received);
  add_counter(text, "stepback_events_refused_total",
              "Events that could not be read or came without a token.", counters.refused);
  add_counter(text, "stepback_events_shed_total", "Events turned away because too many waited.",
              counters.shed);
  add_counter(text, "stepback_triggers_opened_total", "Signals that opened a rollback.",
              counters.opened);
  add_counter(text, "stepback_triggers_ignored_total", "Signals on record that opened none.",
              counters.ignored);
  add_counter(text, "stepback_triggers_duplicate_total", "Signals that were known already.",
              counters.duplicates);
  add_counter(text, "stepback_dispatcher_rounds_total", "Rounds of the dispatcher: it turns.",
              runner.rounds());
  return text;
}

}  // namespace stepback
