// SPDX-License-Identifier: Apache-2.0
#pragma once

// AwsWiring: the port Wiring over what brings events of alarms to us: the rule of EventBridge, the
// function that it calls and what that complains of, the dead letters, who we are; and over what
// lies behind a rollback: stacks that drifted, a pipeline that was changed. Asks only; what could
// not be asked is said in its place. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/service.hpp"
#include "adapters/aws/sqs.hpp"
#include "ports/inspection.hpp"

namespace stepback::aws {

// Names with {environment}; empty: there is none, and it is left out.
struct AwsWiringConfig {
  std::string rule;
  std::string function;
  bool dead_letters = false;
  struct Place {
    Environment environment;
    std::vector<std::string> stacks;
    std::string pipeline;
  };
  std::vector<Place> places;
};

struct WiringServices {
  Service& events;
  Service& lambda;
  Service& logs;
  Service& identity;
  Service& stacks;
  Service& pipelines;
  WorkQueue& queue;
};

class AwsWiring final : public Wiring {
 public:
  static constexpr Dialect events_dialect{
      .id = "events", .signing = "", .target = "AWSEvents", .version = "1.1"};
  static constexpr Dialect identity_dialect{
      .id = "sts", .signing = "", .target = "", .version = "2011-06-15"};

  AwsWiring(AwsWiringConfig config, WiringServices services, const Clock& clock)
      : config_(std::move(config)), services_(services), clock_(clock) {}

  std::vector<WireSeen> look_at_wiring(const Environment& environment) override;

 private:
  const AwsWiringConfig::Place* place_of(const Environment& environment) const;
  Result<WireSeen> look_at_rule(const std::string& rule);
  Result<WireSeen> look_at_function(const std::string& function);
  Result<WireSeen> look_at_its_log(const std::string& function);
  Result<WireSeen> look_at_dead_letters(const Environment& environment);
  Result<WireSeen> look_at_identity();
  Result<WireSeen> look_at_drift(const std::vector<std::string>& stacks);
  Result<WireSeen> look_at_pipeline(const std::string& pipeline);

  AwsWiringConfig config_;
  WiringServices services_;
  const Clock& clock_;
};

}  // namespace stepback::aws
