// SPDX-License-Identifier: Apache-2.0
#pragma once

// Known: the names that stand in the records, newest first, for whoever completes what is being
// typed. It makes nothing, changes nothing, and would rather know nothing than wait.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace stepback::sqlite {

struct Known {
  std::vector<std::string> versions;
  std::vector<std::string> rollbacks;
  std::vector<std::string> deployments;
};

// not_found: there is no store.
Result<Known> known_in(const std::string& path);

}  // namespace stepback::sqlite
