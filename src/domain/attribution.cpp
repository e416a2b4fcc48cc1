// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "domain/trigger.hpp"

namespace stepback {
namespace {

// A deployment, a stage or a gate speaks of a version by itself; what is left to ask is whether it
// named the one that runs.
Attribution attribute_failure(const Signal& signal, const Deployment& current) {
  switch (signal.kind) {
    case SignalKind::alarm: break;
    case SignalKind::deployment_failed:
    case SignalKind::deployment_timeout:
      return {Likelihood::likely, {"the deployment itself says so: " + signal.reason}};
    case SignalKind::stage_failed:
    case SignalKind::gate_failed:
      if (same_commit(signal.version, current.version))
        return {Likelihood::likely, {fmt::format("{} names {}", signal.name, signal.version.text)}};
      return {Likelihood::unknown,
              {fmt::format("{} failed while {} was being deployed, and named no version",
                           signal.name, current.version.text)}};
  }
  std::unreachable();
}

// Of two releases that followed each other quickly the older one may be the cause.
void note_predecessor(const Signal& signal, const SignalContext& context, const Deployment& current,
                      std::vector<std::string>& evidence) {
  if (!context.before) return;
  const Deployment& before = *context.before;
  if (!before.good_at || *before.good_at > current.started_at) {
    evidence.push_back(
        fmt::format("{} before it was not yet known to be good either", before.version.text));
  }
  if (signal.first_breach && before.cutover_at && current.cutover_at &&
      *signal.first_breach >= *before.cutover_at && *signal.first_breach < *current.cutover_at) {
    evidence.push_back(before.version.text + " was what ran when it first breached");
  }
}

// An alert may say itself which version it saw. True: it was the one before, which speaks against
// this one. What it calls by a name that nobody knows here proves nothing.
bool names_the_predecessor(const Signal& signal, const Deployment& current,
                           std::vector<std::string>& evidence) {
  const std::string& named = signal.version.text;
  if (named.empty()) return false;
  if (same_commit(signal.version, current.version)) {
    evidence.push_back("it names " + named + " itself");
    return false;
  }
  const auto& before = current.predecessor;
  const bool is_before = before && same_commit(signal.version, before->version);
  evidence.push_back(is_before ? "it names " + named + ", which ran before"
                               : "it names " + named + ", which is not known here");
  return is_before;
}

}  // namespace

bool tells_of_the_version(const Head& other, const Deployment& current) {
  return other.live && other.live->digest != current.digest && !other.slot;
}

Attribution attribute(const Signal& signal, const SignalContext& context) {
  if (!context.current) return {Likelihood::unknown, {"no deployment to attribute it to"}};
  const Deployment& current = *context.current;
  if (signal.kind != SignalKind::alarm) return attribute_failure(signal, current);
  Attribution result;
  auto& evidence = result.evidence;
  int against = 0;
  const auto before = std::ranges::find(current.baseline, signal.name, &AlarmBaseline::name);
  if (before == current.baseline.end()) {
    evidence.push_back("its state before the deployment is not known");
  } else if (before->state == AlarmState::alarm) {
    evidence.push_back("it was in ALARM before the deployment began");
    ++against;
  } else {
    evidence.push_back(
        fmt::format("it was {} before the deployment began", name_of(before->state)));
  }
  if (signal.first_breach && current.cutover_at) {
    const bool earlier = *signal.first_breach < *current.cutover_at;
    evidence.push_back(fmt::format(
        "its first breach, at {}, is {} the switch at {}", to_rfc3339_seconds(*signal.first_breach),
        earlier ? "before" : "after", to_rfc3339_seconds(*current.cutover_at)));
    against += earlier ? 1 : 0;
  }
  note_predecessor(signal, context, current, evidence);
  if (names_the_predecessor(signal, current, evidence)) ++against;
  for (const auto& alarm : context.provider_trouble) {
    evidence.push_back(alarm + " says that the provider is in trouble");
    ++against;
  }
  for (const auto& [environment, red] : context.elsewhere) {
    if (!red) continue;
    evidence.push_back(fmt::format("the same alarm is red in {}, which does not run this version",
                                   environment.name));
    ++against;
  }
  if (against > 0) {
    result.likelihood = Likelihood::unlikely;
  } else if (before != current.baseline.end()) {
    result.likelihood = Likelihood::likely;
  }
  return result;
}

}  // namespace stepback
