// SPDX-License-Identifier: Apache-2.0
#include "domain/subscription.hpp"

#include <algorithm>
#include <utility>

namespace stepback {

Page page_for(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::rollback_escalated:
    case NoticeKind::brake_engaged:
    case NoticeKind::emergency_declared:
    case NoticeKind::budget_at_risk: return Page::trigger;
    case NoticeKind::rollback_completed:
    case NoticeKind::rollback_cancelled:
    case NoticeKind::handed_back: return Page::resolve;
    case NoticeKind::rollback_started:
    case NoticeKind::rollback_validation_failed:
    case NoticeKind::rollback_failed:
    case NoticeKind::release_held:
    case NoticeKind::trigger_notified:
    case NoticeKind::orphan_closed:
    case NoticeKind::approval_wanted:
    case NoticeKind::door_closes:
    case NoticeKind::readiness_lost:
    case NoticeKind::drill_due:
    case NoticeKind::run_ended:
    case NoticeKind::deployment_ended:
    case NoticeKind::channel_test: return Page::none;
  }
  std::unreachable();
}

bool Subscription::wants(const Notice& notice) const {
  const bool here = environments.empty() ||
                    std::ranges::find(environments, notice.environment) != environments.end();
  if (kinds.empty()) return here && notice.kind != NoticeKind::deployment_ended;
  return here && std::ranges::find(kinds, notice.kind) != kinds.end();
}

}  // namespace stepback
