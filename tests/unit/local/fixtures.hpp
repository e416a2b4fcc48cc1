// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of the local adapters share: a directory that goes with its test, a clock that
// moves when told, and small children. One thread at a time, but for the clock.

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>

#include "adapters/local/process.hpp"
#include "base/time.hpp"
#include "support/scratch.hpp"

namespace stepback::local {

class TemporaryDirectory {
 public:
  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  bool has(std::string_view name) const;
  void make(std::string_view name) const;  // a directory, and those above it
  void write(std::string_view name, std::string_view text) const;
  void append(std::string_view name, std::string_view text) const;
  std::string read(std::string_view name) const;

 private:
  stepback::testing::Scratch scratch_;
  std::string path_ = std::filesystem::canonical(scratch_.path()).string();
};

// Stands still until it is moved.
class HandClock final : public Clock {
 public:
  Instant now() const override { return {1'769'509'084'000 + passed_.load()}; }
  Duration steady() const override { return Duration(1'000'000 + passed_.load()); }
  void pass(Duration time) { passed_ += time.count(); }

 private:
  std::atomic<std::int64_t> passed_ = 0;
};

Command python(std::string_view program);

// Waits, within seconds, for a process to be gone or a zombie.
bool is_gone_soon(pid_t process);

}  // namespace stepback::local
