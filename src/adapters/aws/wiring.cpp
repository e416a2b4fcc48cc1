// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/wiring.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/delivery_names.hpp"
#include "adapters/aws/epoch.hpp"
#include "adapters/aws/sigv4.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

using delivery::is;
using delivery::refused;

constexpr Duration complaints_within = hours(1);
constexpr std::size_t longest_complaint = 200;

WireSeen well(WirePart part, std::string detail) {
  return {.part = part, .detail = std::move(detail), .changed_at = {}};
}
WireSeen wrong(WirePart part, std::string detail) {
  return {.part = part, .sound = false, .detail = std::move(detail), .changed_at = {}};
}

// It could not be asked: that is neither well nor wrong.
WireSeen seen(WirePart part, Result<WireSeen> looked) {
  if (looked) return *std::move(looked);
  return {.part = part,
          .looked = false,
          .detail = one_line(looked.error().message, longest_complaint),
          .changed_at = {}};
}

}  // namespace

const AwsWiringConfig::Place* AwsWiring::place_of(const Environment& environment) const {
  const auto found =
      std::ranges::find(config_.places, environment, &AwsWiringConfig::Place::environment);
  return found == config_.places.end() ? nullptr : &*found;
}

Result<WireSeen> AwsWiring::look_at_rule(const std::string& rule) {
  const auto answer = services_.events.call("DescribeRule", json::Object{{"Name", rule}});
  if (!answer && is(answer.error(), "ResourceNotFound"))
    return wrong(WirePart::rule, "there is no rule " + rule);
  if (!answer) return refused(answer.error(), "asking for the rule " + rule);
  const auto state = TRY(json::Reader(*answer).text_or("State", ""));
  if (state != "ENABLED" && !state.starts_with("ENABLED_"))
    return wrong(WirePart::rule, fmt::format("the rule {} is {}: aws events enable-rule --name {}",
                                             rule, one_line(state, 40), rule));
  const auto listed = services_.events.call("ListTargetsByRule", json::Object{{"Rule", rule}});
  if (!listed) return refused(listed.error(), "listing the targets of " + rule);
  const auto targets = TRY(json::Reader(*listed).optional_array("Targets"));
  if (targets.empty())
    return wrong(WirePart::rule, "the rule " + rule + " has no target: nobody hears of alarms");
  return well(WirePart::rule, fmt::format("{} is enabled, with {} targets", rule, targets.size()));
}

Result<WireSeen> AwsWiring::look_at_function(const std::string& function) {
  http::Call call{.method = http::Method::get};
  call.url.target = "/2015-03-31/functions/" + encode(function) + "/configuration";
  const auto answer = services_.lambda.send(std::move(call));
  if (!answer && answer.error().code == Code::not_found)
    return wrong(WirePart::function, "there is no function " + function);
  if (!answer) return refused(answer.error(), "asking for the function " + function);
  const auto document = TRY(json::parse(answer->body));
  const json::Reader from(document);
  const auto state = TRY(from.text_or("State", "Active"));
  if (state != "Active" && state != "Inactive")
    return wrong(WirePart::function, fmt::format("the function {} is {}: {}", function, state,
                                                 TRY(from.text_or("StateReason", ""))));
  return well(WirePart::function, function + " is " + state);
}

Result<WireSeen> AwsWiring::look_at_its_log(const std::string& function) {
  const auto group = "/aws/lambda/" + function;
  const auto since = clock_.now() - complaints_within;
  const auto answer =
      services_.logs.call("FilterLogEvents", json::Object{{"logGroupName", group},
                                                          {"filterPattern", "\"error\""},
                                                          {"startTime", since.ms},
                                                          {"limit", 50}});
  if (!answer && answer.error().code == Code::not_found)
    return well(WirePart::function_log, group + " is not there: it was never called");
  if (!answer) return refused(answer.error(), "reading " + group);
  const auto events = TRY(json::Reader(*answer).optional_array("events"));
  if (events.empty()) return well(WirePart::function_log, "no error in the last hour of " + group);
  return wrong(WirePart::function_log,
               fmt::format("{} errors in the last hour of {}, the newest: {}", events.size(), group,
                           one_line(TRY(events.back().text_or("message", "")), longest_complaint)));
}

Result<WireSeen> AwsWiring::look_at_dead_letters(const Environment& environment) {
  const auto count = TRY(services_.queue.dead_letters(environment));
  if (count == 0) return well(WirePart::dead_letters, "none");
  return wrong(WirePart::dead_letters,
               fmt::format("about {} events could not be dealt with", count));
}

Result<WireSeen> AwsWiring::look_at_identity() {
  const auto answer = services_.identity.query("GetCallerIdentity", {});
  if (!answer) return refused(answer.error(), "asking who we are");
  const auto arn = answer->text("GetCallerIdentityResult/Arn");
  if (arn.empty()) return fail(Code::corrupt, "STS did not say who we are");
  return well(WirePart::identity, one_line(arn, longest_complaint));
}

// As CloudFormation last saw it: looking anew takes minutes, and is theirs to begin.
Result<WireSeen> AwsWiring::look_at_drift(const std::vector<std::string>& stacks) {
  std::string drifted;
  std::string unchecked;
  for (const auto& stack : stacks) {
    const auto answer = services_.stacks.query("DescribeStacks", {{"StackName", stack}});
    if (!answer) return refused(answer.error(), "asking for the stack " + stack);
    const auto status =
        answer->text("DescribeStacksResult/Stacks/member/DriftInformation/StackDriftStatus");
    if (status == "DRIFTED") drifted += (drifted.empty() ? "" : ", ") + stack;
    if (status.empty() || status == "NOT_CHECKED" || status == "UNKNOWN")
      unchecked += (unchecked.empty() ? "" : ", ") + stack;
  }
  if (!drifted.empty()) return wrong(WirePart::drift, drifted + " is not as its template says");
  if (!unchecked.empty())
    return fail(Code::unavailable,
                fmt::format("nobody has looked yet at {}: aws cloudformation detect-stack-drift "
                            "--stack-name NAME",
                            unchecked));
  return well(WirePart::drift, fmt::format("{} stacks are as their templates say", stacks.size()));
}

Result<WireSeen> AwsWiring::look_at_pipeline(const std::string& pipeline) {
  const auto answer = services_.pipelines.call("GetPipeline", json::Object{{"name", pipeline}});
  if (!answer && is(answer.error(), "PipelineNotFound"))
    return wrong(WirePart::pipeline_changes, "there is no pipeline " + pipeline);
  if (!answer) return refused(answer.error(), "asking for the pipeline " + pipeline);
  const auto metadata = TRY(json::Reader(*answer).optional_object("metadata"));
  if (!metadata) return fail(Code::corrupt, "it was not said when " + pipeline + " was changed");
  const auto at = TRY(epoch_in(*metadata, "updated"));
  if (!at) return fail(Code::corrupt, "it was not said when " + pipeline + " was changed");
  auto part = well(WirePart::pipeline_changes,
                   fmt::format("{} was changed last at {}", pipeline, to_rfc3339_seconds(*at)));
  part.changed_at = at;
  return part;
}

std::vector<WireSeen> AwsWiring::look_at_wiring(const Environment& environment) {
  std::vector<WireSeen> all;
  const auto named = [&](const std::string& pattern) {
    return fill_in(pattern, {{"environment", environment.name}});
  };
  if (!config_.rule.empty()) all.push_back(seen(WirePart::rule, look_at_rule(named(config_.rule))));
  if (!config_.function.empty()) {
    const auto function = named(config_.function);
    all.push_back(seen(WirePart::function, look_at_function(function)));
    all.push_back(seen(WirePart::function_log, look_at_its_log(function)));
  }
  if (config_.dead_letters)
    all.push_back(seen(WirePart::dead_letters, look_at_dead_letters(environment)));
  all.push_back(seen(WirePart::identity, look_at_identity()));
  if (const auto* place = place_of(environment)) {
    if (!place->stacks.empty()) all.push_back(seen(WirePart::drift, look_at_drift(place->stacks)));
    if (!place->pipeline.empty())
      all.push_back(seen(WirePart::pipeline_changes, look_at_pipeline(named(place->pipeline))));
  }
  return all;
}

}  // namespace stepback::aws
