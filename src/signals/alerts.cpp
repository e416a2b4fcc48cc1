// SPDX-License-Identifier: Apache-2.0
// Alertmanager's webhook, and Grafana's, which is like it.
#include <fmt/core.h>

#include <array>
#include <utility>

#include "signals/families.hpp"

namespace stepback::signals {
namespace {

// What Grafana sends instead of an alert whose question it could not answer.
constexpr std::array<std::string_view, 2> no_answer{"DatasourceNoData", "DatasourceError"};

// `environment` stands before `env`.
Checked<std::optional<Environment>> environment_in(const json::Reader& labels) {
  auto environment = TRY(environment_of(labels, "environment"));
  if (environment) return environment;
  return environment_of(labels, "env");
}

std::string reason_in(const json::Reader& alert, std::string_view name) {
  if (const auto annotations = object_if_any(alert, "annotations")) {
    for (const auto* key : {"summary", "description", "message"}) {
      auto text = text_if_any(*annotations, key);
      if (!text.empty()) return cut(std::move(text));
    }
  }
  auto values = text_if_any(alert, "valueString");
  if (!values.empty()) return cut(std::move(values));
  return fmt::format("{} says no more", name);
}

Checked<> read_state(const json::Reader& alert, Signal& signal) {
  const auto status = TRY(text_of(alert, "status"));
  if (status != "firing" && status != "resolved") {
    return refused(EventRefusal::unknown_state,
                   alert.wrong("status", "expected firing or resolved").message);
  }
  const bool fires = status == "firing";
  signal.state = fires ? AlarmState::alarm : AlarmState::ok;
  // While it fires its end is a guess, or none; so each repetition is the same fact.
  signal.at = TRY(time_of(alert, fires ? "startsAt" : "endsAt"));
  return {};
}

Checked<Signal> read_alert(const json::Reader& alert, Shape shape) {
  if (const auto object = alert.as_object(); !object)
    return refused(EventRefusal::wrong_field, object.error().message);
  Signal signal{.kind = SignalKind::alarm, .source = std::string(name_of(shape)), .told = true};
  const auto labels = TRY(object_of(alert, "labels"));
  signal.name = TRY(text_of(labels, "alertname", longest_name));
  TRY(read_state(alert, signal));
  const bool is_unanswered = signal.name == no_answer[0] || signal.name == no_answer[1];
  if (shape == Shape::grafana && is_unanswered && labels.has("rulename")) {
    signal.name = TRY(text_of(labels, "rulename", longest_name));
    if (signal.state == AlarmState::alarm) signal.state = AlarmState::insufficient_data;
  }
  signal.environment = TRY(environment_in(labels));
  signal.version = version_if_any(text_if_any(labels, "version"));
  if (auto id = parse_id<DeploymentTag>(text_if_any(labels, "deployment")))
    signal.deployment = *std::move(id);
  signal.occurrence = TRY(text_or_none(alert, "fingerprint"));
  signal.reason = reason_in(alert, signal.name);
  return signal;
}

}  // namespace

Checked<SignalsRead> read_alerts(const json::Reader& body, Shape shape) {
  SignalsRead read{.shape = shape};
  for (const auto& alert : TRY(list_of(body, "alerts"))) {
    auto signal = read_alert(alert, shape);
    if (signal) {
      read.signals.push_back(*std::move(signal));
    } else {
      read.refused.push_back(std::move(signal.error()));
    }
  }
  const auto left_out = body.integer_or("truncatedAlerts", 0);
  if (!left_out) return refused(EventRefusal::wrong_field, left_out.error().message);
  if (*left_out > 0) {
    read.passed_over.push_back(
        fmt::format("{} more alerts were left out by {}", *left_out, name_of(shape)));
  } else if (read.signals.empty() && read.refused.empty()) {
    read.passed_over.emplace_back("it has no alerts");
  }
  return read;
}

}  // namespace stepback::signals
