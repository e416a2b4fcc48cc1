// SPDX-License-Identifier: Apache-2.0
#include "domain/subscription.hpp"

#include <algorithm>

namespace stepback {

bool Subscription::wants(const Notice& notice) const {
  const bool here = environments.empty() ||
                    std::ranges::find(environments, notice.environment) != environments.end();
  if (kinds.empty()) return here && notice.kind != NoticeKind::deployment_ended;
  return here && std::ranges::find(kinds, notice.kind) != kinds.end();
}

}  // namespace stepback
