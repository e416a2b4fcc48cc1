// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "signals/families.hpp"
#include "wire/names.hpp"

namespace stepback::signals {
namespace {

constexpr std::string_view pipeline_type = "CodePipeline Pipeline Execution State Change";
constexpr std::string_view stage_type = "CodePipeline Stage Execution State Change";
constexpr std::string_view action_type = "CodePipeline Action Execution State Change";
constexpr std::string_view build_type = "CodeBuild Build State Change";
constexpr std::string_view phase_type = "CodeBuild Build Phase Change";
constexpr std::size_t longest_id = 512;  // a build's is an ARN

// What became of a run: "failed" apart, each is somebody's wish or no end at all.
struct Fate {
  std::string_view state;
  std::string_view meaning;  // empty: it failed
};

constexpr std::array run_fates{Fate{"FAILED", ""},
                               Fate{"CANCELED", "was cancelled"},
                               Fate{"STOPPED", "was stopped"},
                               Fate{"STOPPING", "is being stopped"},
                               Fate{"SUPERSEDED", "was superseded by a newer run"},
                               Fate{"ABANDONED", "was abandoned when its run was stopped"},
                               Fate{"RESUMED", "was resumed"},
                               Fate{"STARTED", "began"},
                               Fate{"SUCCEEDED", "succeeded"}};

constexpr std::array build_fates{Fate{"FAILED", ""},           Fate{"FAULT", ""},
                                 Fate{"TIMED_OUT", ""},        Fate{"STOPPED", "was stopped"},
                                 Fate{"IN_PROGRESS", "began"}, Fate{"SUCCEEDED", "succeeded"}};

template <std::size_t N>
Checked<Fate> fate_of(const json::Reader& detail, std::string_view key,
                      const std::array<Fate, N>& fates) {
  const auto state = TRY(text_of(detail, key));
  const auto found = std::ranges::find(fates, state, &Fate::state);
  if (found != fates.end()) return *found;
  std::string known;
  for (const Fate& fate : fates)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", fate.state);
  return refused(EventRefusal::unknown_state,
                 detail.wrong(key, "expected one of " + known).message);
}

Checked<Signal> begin_signal(const json::Reader& event, EventOrigin origin,
                             std::string_view source) {
  auto envelope = TRY(read_envelope(event, origin));
  Signal signal{.kind = SignalKind::stage_failed, .state = AlarmState::alarm};
  signal.at = envelope.at;
  signal.source = source;
  signal.account = std::move(envelope.account);
  signal.region = std::move(envelope.region);
  return signal;
}

Outcome passed_over(const Signal& signal, std::string_view meaning) {
  return {{}, fmt::format("{} {}", signal.name, meaning)};
}

// --- pipelines -----------------------------------------------------------------------------------

// The name as far as the event goes: "pipeline", "pipeline/stage", "pipeline/stage/action".
Checked<std::string> run_name(const json::Reader& detail, std::string_view type) {
  auto name = TRY(text_of(detail, "pipeline"));
  if (type == pipeline_type) return name;
  name += '/' + TRY(text_of(detail, "stage"));
  if (type == stage_type) return name;
  name += '/' + TRY(text_of(detail, "action"));
  return name;
}

std::string lower(std::string_view text) {
  std::string small(text.substr(0, longest_reason));
  std::ranges::transform(small, small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return small;
}

bool tells_of_a_refusal(std::string_view text) {
  const auto words = lower(text);
  return words.contains("approval") && words.contains("reject");
}

// A person said no. The action's own event says what it is; those of its stage and its pipeline
// only where they tell which actions failed, or why.
bool is_refused_approval(const json::Reader& event, const json::Reader& detail) {
  if (const auto type = object_if_any(detail, "type"))
    return text_if_any(*type, "category") == "Approval";
  if (const auto result = object_if_any(detail, "execution-result")) {
    if (tells_of_a_refusal(text_if_any(*result, "external-execution-summary")) ||
        tells_of_a_refusal(text_if_any(*result, "error-code")))
      return true;
  }
  const auto more = object_if_any(event, "additionalAttributes");
  if (!more) return false;
  const auto failed = more->optional_array("failedActions");
  if (!failed || failed->empty()) return false;
  return std::ranges::all_of(*failed, [](const json::Reader& action) {
    return text_if_any(action, "category") == "Approval" ||
           tells_of_a_refusal(text_if_any(action, "additionalInformation"));
  });
}

std::string reason_of_run(const json::Reader& event, const json::Reader& detail) {
  if (const auto result = object_if_any(detail, "execution-result")) {
    const auto summary = text_if_any(*result, "external-execution-summary");
    const auto code = text_if_any(*result, "error-code");
    if (!summary.empty() && !code.empty()) return cut(fmt::format("{}: {}", code, summary));
    if (!summary.empty() || !code.empty()) return cut(summary + code);
  }
  if (const auto more = object_if_any(event, "additionalAttributes")) {
    const auto failed = more->optional_array("failedActions");
    if (failed && !failed->empty()) {
      const auto& first = failed->front();
      return cut(fmt::format("{}: {}", text_if_any(first, "action"),
                             text_if_any(first, "additionalInformation")));
    }
  }
  return "it says no reason";
}

Version version_of_run(const json::Reader& detail) {
  const auto trigger = object_if_any(detail, "execution-trigger");
  if (!trigger) return {};
  for (const auto* key : {"commit-id", "revision-id"}) {
    auto version = version_if_any(text_if_any(*trigger, key));
    if (!version.empty()) return version;
  }
  return {};
}

// --- builds --------------------------------------------------------------------------------------

bool is_commit(std::string_view text) {
  return text.size() >= 7 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// A branch or the place of an artifact is no version.
Version version_of_build(const json::Reader& about) {
  for (const auto* key : {"resolved-source-version", "source-version"}) {
    const auto text = text_if_any(about, key);
    if (is_commit(text)) return {text};
  }
  return {};
}

// The value of another type is the name of a secret.
Checked<std::optional<Environment>> environment_of_build(const json::Reader& about) {
  const auto environment = object_if_any(about, "environment");
  if (!environment) return std::nullopt;
  const auto variables = TRY(list_of(*environment, "environment-variables"));
  for (const auto& variable : variables) {
    const bool is_it = text_if_any(variable, "name") == "ENVIRONMENT" &&
                       text_if_any(variable, "type") == "PLAINTEXT";
    if (is_it) return environment_of(variable, "value");
  }
  return std::nullopt;
}

std::optional<Environment> environment_of_project(std::string_view name, std::string_view prefix) {
  const std::string start = fmt::format("{}-worker-", prefix);
  if (prefix.empty() || !name.starts_with(start)) return std::nullopt;
  auto environment = parse_environment(name.substr(start.size()));
  if (!environment) return std::nullopt;
  return *std::move(environment);
}

bool has_failed(const json::Reader& phase) {
  const auto status = text_if_any(phase, "phase-status");
  return status == "FAILED" || status == "FAULT" || status == "TIMED_OUT" ||
         status == "CLIENT_ERROR";
}

std::string reason_of_build(const json::Reader& about, std::string_view status) {
  const auto phases = about.optional_array("phases");
  if (phases) {
    const auto failed = std::ranges::find_if(*phases, has_failed);
    if (failed != phases->end()) {
      std::string reason = text_if_any(*failed, "phase-type");
      const auto context = failed->optional_array("phase-context");
      if (context && !context->empty())
        reason += ": " + context->front().as_text().value_or(std::string());
      return cut(std::move(reason));
    }
  }
  return fmt::format("the build ended as {}", status);
}

}  // namespace

Checked<Outcome> read_pipeline_event(const json::Reader& event, const ReadOptions& options) {
  const auto type = TRY(text_of(event, type_key(event)));
  if (type != pipeline_type && type != stage_type && type != action_type) {
    return refused(EventRefusal::wrong_detail_type,
                   event
                       .wrong(type_key(event),
                              "expected that a pipeline, a stage or an action changed its "
                              "state")
                       .message);
  }
  auto signal = TRY(begin_signal(event, options.origin, "codepipeline"));
  const auto detail = TRY(object_of(event, "detail"));
  signal.name = TRY(run_name(detail, type));
  if (options.origin == EventOrigin::delivered || detail.has("execution-id"))
    signal.occurrence = TRY(text_of(detail, "execution-id"));
  const auto fate = TRY(fate_of(detail, "state", run_fates));
  if (!fate.meaning.empty()) return passed_over(signal, fate.meaning);
  if (is_refused_approval(event, detail)) return passed_over(signal, "was refused by a person");
  signal.reason = reason_of_run(event, detail);
  signal.version = version_of_run(detail);
  if (!options.prefix.empty()) {
    const auto pipeline = signal.name.substr(0, signal.name.find('/'));
    signal.environment =
        OutsideNames(std::string(options.prefix)).environment_of_pipeline(pipeline);
  }
  return Outcome{std::move(signal), ""};
}

Checked<Outcome> read_build_event(const json::Reader& event, const ReadOptions& options) {
  const auto type = TRY(text_of(event, type_key(event)));
  if (type != build_type && type != phase_type) {
    return refused(EventRefusal::wrong_detail_type,
                   event.wrong(type_key(event), "expected that a build changed its state").message);
  }
  auto signal = TRY(begin_signal(event, options.origin, "codebuild"));
  const auto detail = TRY(object_of(event, "detail"));
  signal.name = TRY(text_of(detail, "project-name", longest_name));
  if (type == phase_type) return passed_over(signal, "is in another phase");
  if (options.origin == EventOrigin::delivered || detail.has("build-id"))
    signal.occurrence = TRY(text_of(detail, "build-id", longest_id));
  const auto fate = TRY(fate_of(detail, "build-status", build_fates));
  if (!fate.meaning.empty()) return passed_over(signal, fate.meaning);
  signal.reason = fmt::format("the build ended as {}", fate.state);
  if (const auto about = object_if_any(detail, "additional-information")) {
    signal.reason = reason_of_build(*about, fate.state);
    signal.version = version_of_build(*about);
    signal.environment = TRY(environment_of_build(*about));
  }
  if (!signal.environment) signal.environment = environment_of_project(signal.name, options.prefix);
  return Outcome{std::move(signal), ""};
}

}  // namespace stepback::signals
