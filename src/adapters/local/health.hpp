// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port Health over HTTP: each probe of an environment asks its address a few times, without a
// pause, and is healthy only when enough of the attempts met every condition. Probes go side by
// side. What can't be understood is a failure, never health. Usable from any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "domain/environment.hpp"
#include "ports/observation.hpp"

namespace stepback::local {

struct ExpectedField {
  std::string pointer;  // into the JSON of the answer
  json::Value expected;
};

struct HealthProbe {
  Environment environment;
  std::string name;
  std::string url;
  std::vector<int> statuses{200};  // exactly these: neither 204 nor 301 passes for 200
  int attempts = 3;
  int required = 3;  // of the attempts
  Duration timeout = seconds(5);
  std::optional<Duration> max_latency;  // for the 95th percentile of the answers
  std::string body_contains;            // nothing is looked for when empty
  std::vector<ExpectedField> fields;
};

struct HealthProbesConfig {
  std::vector<HealthProbe> probes;
};

class HealthProbes final : public Health {
 public:
  HealthProbes(HealthProbesConfig config, const Clock& clock)
      : config_(std::move(config)), clock_(clock) {}

  // In the order of the configuration; none for an environment without probes.
  Result<std::vector<HealthSeen>> probe(const Environment& environment) override;

 private:
  HealthProbesConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
