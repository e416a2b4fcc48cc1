// SPDX-License-Identifier: Apache-2.0
#pragma once

// A seeded source of chance (xoshiro256**): the only one in the program. Not for secrets. One
// object belongs to one thread.

#include <array>
#include <cstdint>

namespace stepback {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound);  // 0 when bound is 0
  bool chance(std::uint32_t per_thousand);

 private:
  std::array<std::uint64_t, 4> state_;
};

std::uint64_t entropy();  // from the system; seeds a Random where nothing must be replayed

}  // namespace stepback
