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

namespace stepback::testing {

class Subject {
 public:
  virtual ~Subject() = default;
  virtual Store& store() = 0;
  virtual Outbox& outbox() = 0;
  virtual Ledger& ledger() = 0;
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
};

Kind sim_store();
Kind sqlite_store();
// Those that need an emulated account; none where there is no AWS_ENDPOINT_URL.
std::vector<Kind> emulated_stores();

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  StoreContract() : subject_(GetParam().make()) {}

  Store& store() { return subject_->store(); }
  Outbox& outbox() { return subject_->outbox(); }
  Ledger& ledger() { return subject_->ledger(); }

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
