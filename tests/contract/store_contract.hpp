// SPDX-License-Identifier: Apache-2.0
#pragma once

// The contract of Store, Outbox and Ledger: one suite, run over every store there is. A Subject is
// an empty one with what it needs to live.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/ledger.hpp"
#include "ports/store.hpp"
#include "support/many_of.hpp"

namespace stepback::testing {

class Subject {
 public:
  virtual ~Subject() = default;
  virtual Store& store() = 0;
  virtual Outbox& outbox() = 0;
  virtual Ledger& ledger() = 0;
  virtual ManyRecords& many() { return one_by_one_; }

 private:
  class Mine final : public ManyRecords {
   public:
    explicit Mine(Subject& subject) : subject_(subject) {}
    Result<Found> read_many(const Wanted& wanted) override {
      return ManyOf(subject_.store()).read_many(wanted);
    }

   private:
    Subject& subject_;
  } one_by_one_{*this};
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
};

Kind sim_store();
Kind sqlite_store();
// On that one, and remembering from its first breath to its last. Only as a Store: what is removed
// behind its back is not its concern.
Kind remembering_store();
// Those that need an emulated account; none where there is no AWS_ENDPOINT_URL.
std::vector<Kind> emulated_stores();

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  StoreContract() : subject_(GetParam().make()) {}

  Store& store() { return subject_->store(); }
  Outbox& outbox() { return subject_->outbox(); }
  Ledger& ledger() { return subject_->ledger(); }
  ManyRecords& many() { return subject_->many(); }

  // For what a test takes for granted.
  void put(const Commit& commit);
  void put(const Rollback& rollback);
  void put(const Head& head);
  void put(const Deployment& deployment);
  void put(const TriggerRecord& trigger);
  void put(const Notice& notice);
  void put(const JournalEntry& entry);

  Code refusal(const Commit& commit);  // of a commit that must be refused

 private:
  std::unique_ptr<Subject> subject_;
};

}  // namespace stepback::testing
