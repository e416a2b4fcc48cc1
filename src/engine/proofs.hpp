// SPDX-License-Identifier: Apache-2.0
#pragma once

// Proofs: what was last seen of each environment's readiness, and when: a server looks every few
// minutes, so that nobody learns at night that there is nothing to go back to. When an environment
// stops being ready people are told, once, with what mends it; and when no rollback has been
// rehearsed or seen for too long. Usable from any thread; look() asks the world, and takes a while.

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/log.hpp"
#include "engine/query.hpp"

namespace stepback {

struct Proof {
  Readiness readiness;
  Instant at;
};

class Proofs {
 public:
  Proofs(Query& query, const Settings& settings, const Clock& clock, const Log& log)
      : query_(query), settings_(settings), clock_(clock), log_(log) {}

  // Looks now, and keeps what was seen.
  Result<Proof> look(const Environment& environment);
  void look_everywhere();
  // What was last seen; looks if nothing was.
  Result<Proof> of(const Environment& environment);

  // After a look that came to something else than the one before. Set before the first look.
  std::function<void(const Environment&, const Proof&)> on_changed;

 private:
  Result<> tell(const Environment& environment, const std::optional<Readiness>& before,
                const Proof& now);

  Query& query_;
  const Settings& settings_;
  const Clock& clock_;
  const Log& log_;
  std::mutex mutex_;  // guards the two below
  std::map<Environment, Proof> kept_;
  std::map<Environment, Readiness> settled_;  // as it was when nothing was under way
};

}  // namespace stepback
