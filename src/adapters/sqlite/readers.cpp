// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/readers.hpp"

namespace stepback::sqlite {
namespace {

constexpr std::size_t most_idle = 4;  // more are closed after use

}  // namespace

Readers::Readers(Database::Options options) : options_(std::move(options)) {}

Result<Readers::Borrowed> Readers::borrow() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      Database database = std::move(idle_.back());
      idle_.pop_back();
      return Borrowed(*this, std::move(database));
    }
  }
  return Borrowed(*this, TRY(Database::open(options_)));
}

Readers::Borrowed::Borrowed(Readers& readers, Database database)
    : readers_(&readers), database_(std::move(database)) {}

Readers::Borrowed::Borrowed(Borrowed&& other) noexcept
    : readers_(other.readers_), database_(std::exchange(other.database_, std::nullopt)) {}

Readers::Borrowed::~Borrowed() {
  if (!database_) return;
  database_->roll_back();
  const std::scoped_lock lock(readers_->mutex_);
  if (readers_->idle_.size() < most_idle) readers_->idle_.push_back(*std::move(database_));
}

}  // namespace stepback::sqlite
