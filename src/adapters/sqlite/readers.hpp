// SPDX-License-Identifier: Apache-2.0
#pragma once

// Readers: connections that only read, one for each thread that is reading at the moment. They
// see what is committed and wait for no writer. Any thread.

#include <mutex>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.hpp"

namespace stepback::sqlite {

class Readers {
 public:
  explicit Readers(Database::Options options);

  // A connection for the time of one reading; it goes back at the end of its life.
  class Borrowed {
   public:
    Borrowed(Readers& readers, Database database);
    Borrowed(Borrowed&& other) noexcept;
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed();

    Database& operator*() { return *database_; }
    Database* operator->() { return &*database_; }

   private:
    Readers* readers_;
    std::optional<Database> database_;
  };

  Result<Borrowed> borrow();

 private:
  const Database::Options options_;
  std::mutex mutex_;  // guards idle_
  std::vector<Database> idle_;
};

}  // namespace stepback::sqlite
