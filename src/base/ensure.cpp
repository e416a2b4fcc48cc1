// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace stepback {

void broken(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "stepback: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace stepback
