// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace stepback {
namespace {

BrokenHandler installed = nullptr;

}  // namespace

void set_broken_handler(BrokenHandler handler) { installed = handler; }

void broken(const char* condition, const char* file, int line) {
  if (installed != nullptr) installed(condition);
  std::fprintf(stderr, "stepback: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace stepback
