// SPDX-License-Identifier: Apache-2.0
#pragma once

// Makes checks of each verdict, for those who look at many things. Plain values; any thread.

#include <optional>
#include <string>
#include <utility>

#include "domain/validation.hpp"

namespace stepback::checks {

inline Check passed(std::string name, std::string evidence) {
  return {std::move(name), Verdict::passed, std::move(evidence), {}};
}
inline Check failed(std::string name, std::string evidence) {
  return {std::move(name), Verdict::failed, std::move(evidence), {}};
}
inline Check inconclusive(std::string name, std::string evidence,
                          std::optional<Instant> until = {}) {
  return {std::move(name), Verdict::inconclusive, std::move(evidence), until};
}

}  // namespace stepback::checks
