// SPDX-License-Identifier: Apache-2.0
#pragma once

// Subscription: what a channel is called, and which notices it is told. Part of the configuration
// of every channel. Values; any thread.

#include <string>
#include <vector>

#include "domain/notice.hpp"

namespace stepback {

struct Subscription {
  std::string name;                       // unique among the channels
  std::vector<Environment> environments;  // none: all of them
  std::vector<NoticeKind> kinds;          // none: every kind but deployment_ended

  bool wants(const Notice& notice) const;
};

}  // namespace stepback
