// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who works here, and who of them is dead. A Presence is a lock on a file of one's own, held for as
// long as the process lives; whoever can take a holder's lock knows that the holder is gone. The
// kernel lets go of it however the process ends. Usable from any thread.

#include <string>

#include "adapters/local/files.hpp"
#include "ports/liveness.hpp"

namespace stepback::local {

// This machine's name, as far as it may be part of a holder's: letters, digits and dashes.
std::string own_host();

class Presence {
 public:
  // Under <state>/workers. The name is "<host>-<process>-<chance>", new each time.
  static Result<Presence> begin(const std::string& state_directory, const std::string& host);

  Presence(Presence&& other) noexcept = default;
  Presence& operator=(Presence&&) = delete;
  ~Presence();  // and the file goes

  const std::string& holder() const { return holder_; }

 private:
  Presence(std::string holder, std::string path, Descriptor lock)
      : holder_(std::move(holder)), path_(std::move(path)), lock_(std::move(lock)) {}

  std::string holder_;
  std::string path_;
  Descriptor lock_;
};

class WorkerLiveness final : public Liveness {
 public:
  WorkerLiveness(std::string state_directory, std::string host)
      : state_directory_(std::move(state_directory)), host_(std::move(host)) {}

  // False for whoever is not from here, or has a name that is none: nothing is known of him.
  bool is_dead(const std::string& holder) override;

 private:
  std::string state_directory_;
  std::string host_;
};

}  // namespace stepback::local
