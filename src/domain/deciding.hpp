// SPDX-License-Identifier: Apache-2.0
#pragma once

// Deciding: what the parts of advance() share while one event is answered. Inner to the domain.

#include <utility>

#include "domain/advance.hpp"

namespace stepback {

struct Deciding {
  Decision& decision;
  std::size_t index;  // of the lane the event is about
  Instant now;
  const FreshIds& ids;

  Rollback& rollback() const { return decision.next.rollback.value; }
  Lane& lane() const { return rollback().lanes[index]; }
  const Policy& policy() const { return rollback().policy; }

  // The head of an environment; asking for it to change it makes it part of the commit.
  const Head& head(const Environment& environment) const;
  Head& change_head(const Environment& environment) const;
  Head& change_service() const;

  // The rollback is different from what is stored.
  void changed() const {
    decision.changed = true;
    decision.next.rollback.changed = true;
  }

  using Facts = std::vector<std::pair<std::string, std::string>>;
  void note(const Environment& environment, std::string kind, std::string text,
            Facts facts = {}) const;

  // A notice with everything that is known now; the caller fills in what is its own.
  Notice& tell(NoticeKind kind, Severity severity, const Environment& environment) const;
};

// --- ending.cpp ---------------------------------------------------------------------------------

void pass_lane(const Deciding& d);
void fail_lane(const Deciding& d, LaneEnd end, std::string why);
void fail_validation(const Deciding& d);  // the target is bad too, as far as automation goes
void verify_lane(const Deciding& d,
                 std::string why);  // nothing was done here, and it was looked at
void run_out_of_time(const Deciding& d);
bool cancel(const Deciding& d, const CancelAsked& asked);  // false: too late
// For the level: when all lanes have ended, what that means for the whole.
void conclude(const Deciding& d);

// --- opening.cpp --------------------------------------------------------------------------------

void hold_rejected(const Deciding& d);  // in the lane's environment

// --- widening.cpp -------------------------------------------------------------------------------

// A stage rollback that cannot succeed passes its slot to the full one, which it opens if need be.
void hand_over(const Deciding& d, const std::string& why);
// A lane of a full rollback for an environment it has not claimed.
Lane unclaimed_lane(const Environment& environment, Instant now, const Policy& policy);

}  // namespace stepback
