// SPDX-License-Identifier: Apache-2.0
#pragma once

// RememberingStore: a Store that is asked once for what it is asked twice within one turn. Between
// begin() and end() it keeps each record as it was last read or committed through it; otherwise it
// passes everything on. The function uses it for the length of an invocation; servers and commands
// leave it off. Any thread.
//
// Why an old memory does no harm. A commit is on condition of the revision of every record in it,
// so one that was made from a memory somebody has outdated is refused, and then all is forgotten
// and read again. What is left are reads that no condition of the commit repeats:
//
//   - whether a signal is known: "no" is a condition, for its record must be new; "yes" stays true.
//   - the service's head, other environments' heads and the deployment that a judgement rests on:
//     they were read before the commit, and could change until then, at all times. The memory makes
//     that time longer by the same turn's other requests, and no more: whoever goes on to another
//     turn, or waits, calls forget() first.
//   - whose a rollback is (its lease). One that is held is never remembered. One that is not has
//     nothing on its way, so its first change of the world is committed before, on condition.
//   - one that has ended, which never changes again.
//
// What one decision rests on must fit together, too. A commit is remembered whole, what is read
// ahead is of one moment, and where a rollback has to be read alone, whatever else is known is
// forgotten before: heads are read after it, as they always were.
//
// Not remembered: what is due, the outbox, lists. The deployer, the reconciler and queries are not
// given this store.

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "ports/many_records.hpp"
#include "ports/store.hpp"

namespace stepback {

class RememberingStore final : public Store {
 public:
  // `many` may be null: then nothing can be read ahead.
  explicit RememberingStore(Store& store, ManyRecords* many = nullptr)
      : store_(store), many_(many) {}

  void begin();   // with nothing
  void forget();  // what is asked for next is read
  void end();
  // From here to the end of the scope. Null is fine, and does nothing.
  class Span {
   public:
    explicit Span(RememberingStore* memory) : memory_(memory) {
      if (memory_ != nullptr) memory_->begin();
    }
    ~Span() {
      if (memory_ != nullptr) memory_->end();
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    RememberingStore* memory_;
  };

  // These will be asked for: they are read now, at once. A hint; what can't be read so is read when
  // its time comes.
  void expect(const ManyRecords::Wanted& wanted);

  Result<Rollback> rollback(const RollbackId& id) override;
  Result<Head> head(const Environment& environment) override;
  Result<Deployment> deployment(const DeploymentId& id) override;
  Result<TriggerRecord> trigger(const std::string& key) override;
  Result<> commit(const Commit& commit) override;
  std::vector<Result<>> commit_each(std::span<const Commit> commits) override;
  Result<std::vector<Due>> due(Instant now, std::size_t limit) override;

 private:
  struct Memory {
    std::map<std::string, Rollback> rollbacks;
    std::map<std::string, Head> heads;
    std::map<std::string, Deployment> deployments;
    std::map<std::string, std::optional<TriggerRecord>> triggers;  // none: there was no such

    void keep(const Rollback& rollback);
    void keep(const Head& head);
    void keep(const Deployment& deployment);
    void keep(const Commit& committed);
  };
  template <class Record, class Read>
  Result<Record> recall(std::map<std::string, Record> Memory::* kind, const std::string& key,
                        Read read);

  Store& store_;
  std::mutex mutex_;   // guards what follows
  ManyRecords* many_;  // null also when we turned out to have no right to it
  std::optional<Memory> memory_;
  std::uint64_t age_ = 0;  // what was begun to be read in an earlier one is not kept
};

}  // namespace stepback
