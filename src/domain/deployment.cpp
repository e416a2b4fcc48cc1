// SPDX-License-Identifier: Apache-2.0
#include "domain/deployment.hpp"

namespace stepback {

// Whoever should have judged it when its time was over may not have been running.
bool is_baking(const Deployment& deployment, Instant now) {
  return deployment.status == DeploymentStatus::succeeded && !deployment.good_at &&
         now < bakes_until(deployment) + deployment.bake;
}

Instant bakes_until(const Deployment& deployment) {
  return deployment.ended_at.value_or(deployment.started_at) + deployment.bake;
}

bool has_touched(const Deployment& deployment) {
  return deployment.cutover_at.has_value() || deployment.status == DeploymentStatus::succeeded;
}

}  // namespace stepback
