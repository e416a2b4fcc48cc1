// SPDX-License-Identifier: Apache-2.0
#pragma once

// Many at once: the same deed for each of many things, over as many threads as the other side
// bears. It begins with 32, doubles while nothing is refused, up to 128, and halves when asked to
// slow down. The first error ends it: what is under way is finished, nothing else begun. Which ones
// were done is then not known, so a deed must be one that may be done again. Any thread; the deeds
// run on others.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"

namespace stepback::aws {

struct Pace {
  std::size_t first = 32;
  std::size_t most = 128;
};

struct Many {
  std::size_t count = 0;
  std::function<Result<>(std::size_t index)> deed;
  std::function<std::uint64_t()> refused;  // how often we were told to slow down, so far
  Pace pace{};
};

Result<> do_many(const Many& many);

// A few different things side by side; the first error in their order.
Result<> side_by_side(const std::vector<std::function<Result<>()>>& deeds);

}  // namespace stepback::aws
