// SPDX-License-Identifier: Apache-2.0
#pragma once

// GroupCommit: the one writer of this process. Whoever comes while nobody writes leads: it takes
// along everything that waits, carries each piece out in the order it came, and makes all of it
// durable with one flush; the others wait for their answers. So a storm of small commits costs one
// flush for many, and a lone one waits for nothing. Any thread.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/sqlite/book.hpp"

namespace stepback::sqlite {

// check() reads and may refuse: then nothing of this piece is written and the others go on.
// write() only fails when the store does.
struct Work {
  std::function<Result<>(Book&)> check;
  std::function<Result<>(Book&)> write;
};

class GroupCommit {
 public:
  // `writer` is unique for this process.
  GroupCommit(Database database, Database::Options options, std::string writer);

  // One answer for each, in their order. Success is durable. unavailable: not written. timeout:
  // the disk failed in such a way that it could not be found out whether it is written.
  std::vector<Result<>> run(std::span<const Work> works);
  Result<> run(const Work& work);

 private:
  struct Seat {
    const Work* work;
    std::optional<Result<>> answer;  // the leader's, until it is done
    bool is_done = false;
  };
  using Seats = std::span<Seat*>;

  void lead(std::unique_lock<std::mutex>& lock);
  void carry_out(Seats seats);
  Result<> write_all(Seats seats, bool& may_be_one_of_them);
  Result<> checked_and_written(Book& book, Seats seats, std::size_t& written);
  Result<> commit();
  Result<> find_out(const Error& error);
  Result<> reopen();

  const Database::Options options_;
  const std::string writer_;

  std::mutex mutex_;  // guards waiting_, is_led_ and each is_done
  std::condition_variable changed_;
  std::vector<Seat*> waiting_;
  bool is_led_ = false;

  // Of the leader, and there is only one.
  std::optional<Database> database_;  // none: the last one failed and is to be opened again
  std::uint64_t number_ = 0;          // of the newest transaction
};

}  // namespace stepback::sqlite
