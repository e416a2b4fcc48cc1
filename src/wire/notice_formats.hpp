// SPDX-License-Identifier: Apache-2.0
#pragma once

// A Notice as the services want it that people already look at: Slack's blocks, PagerDuty's events,
// CDEvents. Each within the lengths that its service takes, so that none is refused for the length
// of a reason. Used by the webhook notifier. Pure.

#include <optional>
#include <string>

#include "base/names.hpp"
#include "base/secret.hpp"
#include "wire/notice.hpp"

namespace stepback {

enum class NoticeFormat {
  stepback,   // json_of: the runbook's keys, and ours
  slack,      // an incoming webhook's message
  pagerduty,  // Events API v2; a page only where a person must act, and its end
  cdevents,   // what became of a service: rolled back, or an incident
  github,     // a deployment of the older version, and its status
};
template <>
inline constexpr Names<NoticeFormat, NoticeFormat::github> names_of<NoticeFormat>{
    "stepback", "slack", "pagerduty", "cdevents", "github"};

// The body to send. None: this service is not told of such a thing. `key` is PagerDuty's routing
// key, which is part of what it reads; the others have none.
std::optional<std::string> body_of(NoticeFormat format, const Notice& notice,
                                   const NoticeStyle& style, const Secret& key);

}  // namespace stepback
