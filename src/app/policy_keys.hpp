// SPDX-License-Identifier: Apache-2.0
#pragma once

// The keys of the file's `policy` and the fields they set: one table for reading and for showing.
// A field of Policy that is missing here could not be configured; a test counts them.

#include <array>
#include <string_view>
#include <variant>

#include "domain/policy.hpp"

namespace stepback {

struct PolicyKey {
  std::string_view name;
  std::variant<Duration Policy::*, bool Policy::*, int Policy::*> field;
};

inline constexpr std::array policy_keys{
    PolicyKey{"automatic", &Policy::automatic},
    PolicyKey{"fullAfterStage", &Policy::full_after_stage},
    PolicyKey{"budget", &Policy::budget},
    PolicyKey{"handOverReserve", &Policy::hand_over_reserve},
    PolicyKey{"settle", &Policy::settle},
    PolicyKey{"lookEvery", &Policy::look_every},
    PolicyKey{"quiet", &Policy::quiet},
    PolicyKey{"lookBack", &Policy::look_back},
    PolicyKey{"alarmGrace", &Policy::alarm_grace},
    PolicyKey{"attempts", &Policy::attempts},
    PolicyKey{"retryPause", &Policy::retry_pause},
    PolicyKey{"pollEvery", &Policy::poll_every},
    PolicyKey{"stopLimit", &Policy::stop_limit},
    PolicyKey{"infrastructureLimit", &Policy::infrastructure_limit},
    PolicyKey{"applicationLimit", &Policy::application_limit},
    PolicyKey{"claimLimit", &Policy::claim_limit},
    PolicyKey{"leaseMargin", &Policy::lease_margin},
    PolicyKey{"bake", &Policy::bake},
    PolicyKey{"maxEventAge", &Policy::max_event_age},
    PolicyKey{"deployLimit", &Policy::deploy_limit},
    PolicyKey{"brakeCount", &Policy::brake_count},
    PolicyKey{"brakeWindow", &Policy::brake_window},
    PolicyKey{"actWhenUnlikely", &Policy::act_when_unlikely},
    PolicyKey{"actWhenUnknown", &Policy::act_when_unknown},
    PolicyKey{"refuseOneWay", &Policy::refuse_one_way},
    PolicyKey{"holdUntilReleased", &Policy::hold_until_released},
    PolicyKey{"keepGood", &Policy::keep_good},
    PolicyKey{"keep", &Policy::keep},
};

}  // namespace stepback
