// SPDX-License-Identifier: Apache-2.0
#include "domain/consent.hpp"

namespace stepback {

std::string name_to_confirm(const ManualRequest& request, const Environments& guarded,
                            const std::string& service) {
  if (request.level == Level::full) return service;
  const bool takes_risks = request.wish.data_risk_accepted || !request.wish.accepted_alarms.empty();
  if (takes_risks || contains(guarded, request.environment)) return request.environment.name;
  return {};
}

}  // namespace stepback
