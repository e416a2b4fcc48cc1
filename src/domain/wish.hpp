// SPDX-License-Identifier: Apache-2.0
#pragma once

// Wish: how far a rollback may go, and what a person asked of it beyond the defaults.

#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/version.hpp"

namespace stepback {

enum class Level { stage, full };
template <>
inline constexpr Names<Level, Level::full> names_of<Level>{"stage", "full"};

// What a person asked for, beyond the defaults.
struct Wish {
  std::optional<Version> target;
  bool application = true;  // components to touch
  bool infrastructure = true;
  bool data_risk_accepted = false;
  bool unbaked_allowed = false;
  bool further = false;  // only to what is older than what runs
  std::vector<std::string> accepted_alarms;

  bool operator==(const Wish&) const = default;
};

}  // namespace stepback
