// SPDX-License-Identifier: Apache-2.0
#pragma once

// Consent: what a person must have typed before something severe is done, on the command line and
// through the API alike. Pure.

#include <string>

#include "domain/trigger.hpp"

namespace stepback {

// The name to be typed before this is carried out: the environment's, or the service's where every
// environment goes back. Empty: it is not severe, and a plain yes will do.
std::string name_to_confirm(const ManualRequest& request, const Environments& guarded,
                            const std::string& service);

}  // namespace stepback
