// SPDX-License-Identifier: Apache-2.0
#pragma once

// Events as tools send them, from tests/vectors/events, and a mapping for the one of a tool that
// has no shape of its own.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "support/check_mapping.hpp"

namespace stepback::support {

inline std::string sample(const std::string& name) {
  std::ifstream file(std::string(STEPBACK_VECTORS) + "/events/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace stepback::support
