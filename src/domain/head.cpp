// SPDX-License-Identifier: Apache-2.0
#include "domain/head.hpp"

#include <algorithm>

namespace stepback {
namespace {

// One bad artifact is the same under any name; without digests only the name can tell.
bool same_release(const Hold& hold, const Version& version, const Digest& digest) {
  if (!hold.digest.empty() && !digest.empty()) return hold.digest == digest;
  return hold.version == version;
}

}  // namespace

const Hold* hold_on(const Head& head, const Version& version, const Digest& digest) {
  const auto found = std::ranges::find_if(
      head.holds, [&](const Hold& hold) { return same_release(hold, version, digest); });
  return found == head.holds.end() ? nullptr : &*found;
}

void add_hold(Head& head, Hold hold) {
  for (auto& old : head.holds) {
    if (!same_release(old, hold.version, hold.digest)) continue;
    // What only a person may lift stays so, whoever else finds a reason.
    if (old.until == HoldUntil::fixed) old = std::move(hold);
    return;
  }
  head.holds.push_back(std::move(hold));
}

bool release_hold(Head& head, const Version& version) {
  return std::erase_if(head.holds, [&](const Hold& hold) { return hold.version == version; }) > 0;
}

}  // namespace stepback
