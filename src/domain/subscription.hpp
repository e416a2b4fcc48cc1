// SPDX-License-Identifier: Apache-2.0
#pragma once

// Subscription: what a channel is called, and which notices it is told. Part of the configuration
// of every channel. Page: which of them wake somebody. Values; any thread.

#include <string>
#include <vector>

#include "domain/notice.hpp"

namespace stepback {

// Whether somebody is to be woken: where a person must act, and when that is over. With the brake
// on a bad version stays until a person takes it back.
enum class Page { none, trigger, resolve };
Page page_for(NoticeKind kind);

struct Subscription {
  std::string name;                       // unique among the channels
  std::vector<Environment> environments;  // none: all of them
  std::vector<NoticeKind> kinds;          // none: every kind but deployment_ended

  bool wants(const Notice& notice) const;
};

}  // namespace stepback
