// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the event of a tool that checks pages keeps what a signal needs, every part of it.

#include "signals/read.hpp"

namespace stepback::support {

inline const Mapping& check_mapping() {
  static const Mapping mapping{.name = "check.title",
                               .environment = "check.tags.1",
                               .state = "event.status",
                               .at = "event.epoch",
                               .reason = "event.detail",
                               .version = "build.commit",
                               .firing = {"down"},
                               .resolved = {"up"}};
  return mapping;
}

}  // namespace stepback::support
