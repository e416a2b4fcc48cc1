// SPDX-License-Identifier: Apache-2.0
#pragma once

// ManyOf: reads many records of any store one by one, for what stands on ManyRecords in a test. It
// can be told to have no right to, and counts how often it was asked. One thread.

#include "ports/many_records.hpp"
#include "ports/store.hpp"

namespace stepback {

class ManyOf final : public ManyRecords {
 public:
  explicit ManyOf(Store& store) : store_(store) {}

  std::optional<Error> refusal;
  int asked = 0;

  Result<Found> read_many(const Wanted& wanted) override {
    ++asked;
    if (refusal) return fail(*refusal);
    Found found;
    for (const auto& key : wanted.triggers) {
      auto trigger = store_.trigger(key);
      if (!trigger && trigger.error().code != Code::not_found) return fail(trigger.error());
      found.triggers[key] = trigger ? std::optional(*std::move(trigger)) : std::nullopt;
    }
    for (const auto& id : wanted.rollbacks) {
      auto rollback = store_.rollback(id);
      if (!rollback && rollback.error().code != Code::not_found) return fail(rollback.error());
      if (rollback) found.rollbacks.push_back(*std::move(rollback));
    }
    for (const auto& environment : wanted.heads)
      found.heads.push_back(TRY(store_.head(environment)));
    return found;
  }

 private:
  Store& store_;
};

}  // namespace stepback
