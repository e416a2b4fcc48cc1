// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/group_commit.hpp"

#include <algorithm>
#include <utility>

namespace stepback::sqlite {
namespace {

// So that the first to wait is answered soon in a storm, too.
constexpr std::size_t most_together = 256;

}  // namespace

GroupCommit::GroupCommit(Database database, Database::Options options, std::string writer)
    : options_(std::move(options)), writer_(std::move(writer)), database_(std::move(database)) {}

Result<> GroupCommit::run(const Work& work) { return run(std::span(&work, 1)).front(); }

std::vector<Result<>> GroupCommit::run(std::span<const Work> works) {
  std::vector<Seat> seats;
  seats.reserve(works.size());
  for (const Work& work : works) seats.push_back({.work = &work});
  const auto answered = [&] { return std::ranges::all_of(seats, &Seat::is_done); };

  std::unique_lock lock(mutex_);
  for (Seat& seat : seats) waiting_.push_back(&seat);
  while (!answered()) {
    if (is_led_) {
      changed_.wait(lock);
    } else {
      lead(lock);
    }
  }
  std::vector<Result<>> answers;
  answers.reserve(seats.size());
  for (Seat& seat : seats) answers.push_back(*std::move(seat.answer));
  return answers;
}

void GroupCommit::lead(std::unique_lock<std::mutex>& lock) {
  is_led_ = true;
  const std::size_t count = std::min(waiting_.size(), most_together);
  std::vector<Seat*> seats(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  lock.unlock();
  carry_out(seats);
  lock.lock();
  is_led_ = false;
  for (Seat* seat : seats) seat->is_done = true;
  changed_.notify_all();
}

void GroupCommit::carry_out(Seats seats) {
  bool may_be_one_of_them = false;
  const auto result = write_all(seats, may_be_one_of_them);
  if (!result && may_be_one_of_them && seats.size() > 1) {
    // One piece that the store can't write must not take the others with it.
    for (Seat*& seat : seats) {
      seat->answer.reset();
      carry_out(Seats(&seat, 1));
    }
    return;
  }
  for (Seat* seat : seats) {
    if (!seat->answer) seat->answer = result;
  }
}

Result<> GroupCommit::write_all(Seats seats, bool& may_be_one_of_them) {
  if (!database_) TRY(reopen());
  TRY(database_->begin());
  auto book = Book::open(*database_, writer_, ++number_);
  if (!book) {
    database_->roll_back();
    return fail(book.error());
  }
  std::size_t written = 0;
  const auto result = checked_and_written(*book, seats, written);
  if (!result || written == 0) {
    database_->roll_back();
    may_be_one_of_them = !result;
    return result;
  }
  return commit();
}

Result<> GroupCommit::checked_and_written(Book& book, Seats seats, std::size_t& written) {
  for (Seat* seat : seats) {
    if (auto allowed = seat->work->check(book); !allowed) {
      seat->answer = std::move(allowed);
      continue;
    }
    ++written;
    TRY(seat->work->write(book));
  }
  return written > 0 ? book.close() : Result<>();
}

Result<> GroupCommit::commit() {
  const auto result = database_->commit();
  if (result) return {};
  return find_out(result.error());
}

// After an error from COMMIT the transaction may be in the file: its last bytes may have arrived
// before the disk failed. The connection is not used again; a new one looks. If it is there it
// is copied from the log into the database, which writes and flushes it once more. If it is not
// there, another transaction takes the place in the log where it may be lying.
Result<> GroupCommit::find_out(const Error& error) {
  const Error unclear{Code::timeout, "it is not known whether this was written: " + error.message};
  database_->roll_back();
  if (!reopen()) return fail(unclear);
  const auto there = is_there(*database_, writer_, number_);
  if (!there) return fail(unclear);
  if (*there) {
    const auto busy = database_->number("PRAGMA wal_checkpoint(TRUNCATE)");
    return busy && *busy == 0 ? Result<>() : fail(unclear);
  }
  const auto settle = [&]() -> Result<> {
    TRY(database_->begin());
    auto book = TRY(Book::open(*database_, writer_, ++number_));
    TRY(book.close());
    return database_->commit();
  };
  if (settle()) return fail(error);
  database_.reset();
  return fail(unclear);
}

Result<> GroupCommit::reopen() {
  database_.reset();
  database_ = TRY(Database::open(options_));
  return {};
}

}  // namespace stepback::sqlite
