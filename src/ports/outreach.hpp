// SPDX-License-Identifier: Apache-2.0
#pragma once

// Outreach: how people are told. Used by the courier only, at its own pace.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/notice.hpp"

namespace stepback {

// A channel. Telling the same notice twice must be harmless: the key goes with it.
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual std::string_view name() const = 0;           // unique among the channels
  virtual bool wants(const Notice& notice) const = 0;  // by environment and kind
  virtual Result<> tell(const Notice& notice) = 0;
};

// Opens an incident for an escalated rollback; the same rollback again finds the one there is.
class Incidents {
 public:
  virtual ~Incidents() = default;
  virtual Result<std::string> open(const Notice& notice) = 0;  // where it is to be found
};

}  // namespace stepback
