// SPDX-License-Identifier: Apache-2.0
#pragma once

// Orders: a person who was shown a plan wants exactly that, or nothing. The plan is made again and
// must come to the same hash; what is severe must have its name typed; and an order that is sent
// again under its key (a double click, a proxy that repeats) finds what became of it the first
// time, because the key is kept with the rollback that it opened. Usable from any thread; one order
// is carried out at a time.

#include <mutex>
#include <optional>
#include <string>

#include "engine/intake.hpp"
#include "engine/query.hpp"

namespace stepback {

struct Order {
  ManualRequest request;
  std::string plan_hash;  // of the plan that was shown
  std::string confirm;    // what was typed
  std::string key;        // whose, and which one of theirs; the same again is the same order
  std::string content;    // all that was asked for; the same key with another is a mistake
};

struct Ordered {
  enum class End {
    begun,
    asked,        // of a second person, who has to agree there
    known,        // the same order again
    reused,       // the key is another order's
    busy,         // a rollback owns the environment, or all of them
    moved,        // the plan is another one by now
    nothing,      // there is nothing to go back to, or it runs already
    unconfirmed,  // the name was not typed
  };
  End end = End::begun;
  std::string why;
  std::optional<RollbackId> rollback;  // begun, known; busy, where it is known which
  std::optional<PlanView> plan;        // as it is now
};

class Orders {
 public:
  Orders(Query& query, Intake& intake, const Settings& settings, const Clock& clock)
      : query_(query), intake_(intake), settings_(settings), clock_(clock) {}

  Result<Ordered> carry_out(Order order);

 private:
  Result<std::optional<Ordered>> earlier(const Order& order);
  Result<Ordered> busy(const Environment& environment, const Error& error);

  Query& query_;
  Intake& intake_;
  const Settings& settings_;
  const Clock& clock_;
  std::mutex one_at_a_time_;
};

}  // namespace stepback
