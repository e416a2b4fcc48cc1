// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/health.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/local/probe.hpp"
#include "http/url.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

std::string listed(const std::vector<int>& statuses) {
  std::string text;
  for (const int status : statuses) {
    if (!text.empty()) text += ", ";
    text += std::to_string(status);
  }
  return text;
}

// Numbers are equal by value (1 and 1.0), everything else as it is written.
bool same(const json::Value& a, const json::Value& b) {
  if (!a.is_number() || !b.is_number()) return a == b;
  const auto left = json::Reader(a).as_number();
  const auto right = json::Reader(b).as_number();
  return left && right && *left == *right;
}

// Why an answer does not do; empty when it meets every condition.
std::string fault_in(const Answer& answer, const HealthProbe& probe) {
  if (std::ranges::find(probe.statuses, answer.status) == probe.statuses.end()) {
    return fmt::format("status {}, expected {}", answer.status, listed(probe.statuses));
  }
  if (!probe.body_contains.empty() && !answer.body.contains(probe.body_contains)) {
    return fmt::format("status {}, the body does not contain \"{}\"", answer.status,
                       one_line(probe.body_contains, 80));
  }
  for (const ExpectedField& field : probe.fields) {
    const auto found = at_pointer(answer.body, field.pointer);
    if (!found) return fmt::format("status {}, {}", answer.status, found.error().message);
    if (same(*found, field.expected)) continue;
    return fmt::format("status {}, {} is {}, expected {}", answer.status,
                       one_line(field.pointer, 80), one_line(json::write(*found), 80),
                       one_line(json::write(field.expected), 80));
  }
  return {};
}

Duration percentile_95(std::vector<Duration> times) {
  std::ranges::sort(times);
  return times[(times.size() * 95 + 99) / 100 - 1];
}

HealthSeen carry_out(const HealthProbe& probe, const Clock& clock) {
  HealthSeen seen{.name = probe.name};
  const int attempts = std::max(probe.attempts, 1);
  const int required = std::clamp(probe.required, 1, attempts);
  int good = 0;
  int made = 0;
  std::string fault;  // of the last attempt that failed
  std::vector<Duration> times;
  // Ends when it can't succeed any more: attempts that time out would only delay the verdict.
  while (made < attempts && made - good <= attempts - required) {
    ++made;
    const auto answer = ask(probe.url, probe.timeout, clock);
    if (!answer) {
      fault = answer.error().message;
      continue;
    }
    times.push_back(answer->took);
    seen.status = answer->status;
    const std::string wrong = fault_in(*answer, probe);
    if (wrong.empty()) {
      ++good;
    } else {
      fault = wrong;
    }
  }
  if (good < required) {
    seen.detail = fmt::format("{} of {} attempts failed, {} of {} must succeed: {}", made - good,
                              made, required, attempts, one_line(fault));
    return seen;
  }
  const Duration latency = percentile_95(times);
  seen.detail =
      fmt::format("{} {}/{}, p95 {}", seen.status.value_or(0), good, attempts, to_short(latency));
  if (!fault.empty()) seen.detail += ", one of the others: " + one_line(fault);
  if (probe.max_latency && latency > *probe.max_latency) {
    seen.detail += ", above the limit of " + to_short(*probe.max_latency);
    return seen;
  }
  seen.healthy = true;
  return seen;
}

}  // namespace

Result<std::vector<HealthSeen>> HealthProbes::probe(const Environment& environment) {
  std::vector<const HealthProbe*> probes;
  for (const HealthProbe& probe : config_.probes) {
    if (probe.environment == environment) probes.push_back(&probe);
  }
  std::vector<HealthSeen> all(probes.size());
  side_by_side("health", probes.size(), [&](std::size_t i) {
    if (const auto url = http::parse_url(probes[i]->url); !url) {
      all[i] = {.name = probes[i]->name, .seen = false, .detail = url.error().message};
    } else {
      all[i] = carry_out(*probes[i], clock_);
    }
  });
  return all;
}

}  // namespace stepback::local
