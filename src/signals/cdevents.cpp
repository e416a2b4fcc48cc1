// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <utility>

#include "signals/families.hpp"

namespace stepback::signals {
namespace {

constexpr std::string_view start = "dev.cdevents.";
constexpr std::size_t longest_address = 512;
// Our own telling of what we do. It would come back as a reason to do it again.
constexpr std::string_view our_source = "/stepback/";

// The event itself, or the one that a CloudEvent carries.
Checked<json::Reader> event_in(const json::Reader& event) {
  if (event.has("context")) return event;
  return object_of(event, "data");
}

// "dev.cdevents.incident.detected.0.3.0" is "incident.detected".
std::string kind_in(std::string_view type) {
  type.remove_prefix(std::min(start.size(), type.size()));
  const auto subject = type.find('.');
  const auto predicate = subject == std::string_view::npos ? subject : type.find('.', subject + 1);
  return std::string(type.substr(0, predicate));
}

// "pkg:generic/shop@4f2a91c?arch=x" names the version 4f2a91c.
Version version_in(std::string_view package) {
  package = package.substr(0, package.find_first_of("?#"));
  const auto at = package.rfind('@');
  return at == std::string_view::npos ? Version{} : version_if_any(package.substr(at + 1));
}

Checked<std::string> name_in(const json::Reader& content, std::string_view key,
                             const std::string& otherwise) {
  const auto thing = object_if_any(content, key);
  if (!thing) return otherwise;
  auto name = TRY(text_or_none(*thing, "name", longest_name));
  if (name.empty()) name = TRY(text_or_none(*thing, "id", longest_name));
  return name.empty() ? otherwise : name;
}

Checked<> read_place(const json::Reader& content, Signal& signal) {
  if (const auto environment = object_if_any(content, "environment"))
    signal.environment = TRY(environment_of(*environment, "id"));
  signal.version = version_in(text_if_any(content, "artifactId"));
  return {};
}

Checked<Outcome> read_tests(const json::Reader& content, Signal signal, std::string_view kind) {
  const auto* subject = kind.starts_with("testcaserun") ? "testCase" : "testSuite";
  signal.kind = SignalKind::stage_failed;
  signal.occurrence = std::exchange(signal.name, TRY(name_in(content, subject, signal.name)));
  const auto outcome = TRY(text_of(content, "outcome"));
  if (outcome == "pass" || outcome == "success" || outcome == "cancel")
    return Outcome{{}, fmt::format("{} ended: {}", signal.name, outcome)};
  if (outcome != "fail" && outcome != "failure" && outcome != "error") {
    return refused(EventRefusal::unknown_state,
                   content.wrong("outcome", "expected pass, fail, cancel or error").message);
  }
  signal.reason = TRY(reason_of(content, "reason"));
  if (signal.reason.empty()) signal.reason = "its outcome is " + outcome;
  return Outcome{std::move(signal), ""};
}

}  // namespace

bool is_cdevent(const json::Reader& event) {
  if (const auto context = object_if_any(event, "context"))
    return text_if_any(*context, "type").starts_with(start);
  return event.has("specversion") && text_if_any(event, "type").starts_with(start);
}

Checked<Outcome> read_cdevent(const json::Reader& outside) {
  const auto event = TRY(event_in(outside));
  const auto context = TRY(object_of(event, "context"));
  const auto type = TRY(text_of(context, "type"));
  if (!type.starts_with(start)) {
    return refused(EventRefusal::wrong_detail_type,
                   context.wrong("type", "expected one of dev.cdevents").message);
  }
  const auto subject = TRY(object_of(event, "subject"));
  Signal signal{.kind = SignalKind::alarm, .source = "cdevents"};
  signal.name = TRY(text_of(subject, "id", longest_name));
  signal.at = TRY(time_of(context, "timestamp"));
  const auto source = TRY(text_of(context, "source", longest_address));
  const auto kind = kind_in(type);
  const bool is_incident = kind == "incident.detected" || kind == "incident.resolved";
  const bool is_test = kind == "testsuiterun.finished" || kind == "testcaserun.finished";
  if (!is_incident && !is_test) return Outcome{{}, kind + " calls for nothing"};
  if (source.starts_with(our_source)) return Outcome{{}, kind + " is our own"};
  const auto content = TRY(object_of(subject, "content"));
  TRY(read_place(content, signal));
  if (is_test) return read_tests(content, std::move(signal), kind);
  signal.told = true;
  signal.state = kind == "incident.detected" ? AlarmState::alarm : AlarmState::ok;
  signal.reason = TRY(reason_of(content, "description"));
  return Outcome{std::move(signal), ""};
}

}  // namespace stepback::signals
