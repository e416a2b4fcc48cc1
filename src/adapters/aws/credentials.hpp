// SPDX-License-Identifier: Apache-2.0
#pragma once

// Credentials: who signs. Found where awscli finds them, in its order: the variables; the profile,
// which may assume a role, name a web identity, hold keys, or name a command that prints them; the
// container's endpoint; the instance's. The first that is there decides: one that is there and
// broken is an error, and nothing further is tried.
//
// What expires is fetched again five minutes before it does; while that fails, what is still valid
// is used. Nothing of a secret is in any error. A source may be asked from any thread.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "http/client.hpp"

namespace stepback::aws {

struct Credentials {
  std::string key_id;
  Secret secret;
  Secret session_token;               // empty: a user's own keys
  std::optional<Instant> expires_at;  // none: never
  std::string from;                   // "profile kiro", for people

  bool operator==(const Credentials&) const = default;
};

// The world around the search, so that a test can be all of it.
struct Surroundings {
  std::map<std::string, std::string> variables;  // of the process
  std::string home;
  std::function<Result<std::string>(const std::string& path)> read_file;
  // A program and its arguments; what it wrote to its standard output.
  std::function<Result<std::string>(const std::vector<std::string>& command)> run;
  std::function<Result<http::Response>(const http::Call& call)> send;
  std::string profile;  // named on the command line; then the variables' keys are not looked at
};

// A section of ~/.aws/config or ~/.aws/credentials: its lines as names and values.
using Profile = std::map<std::string, std::string>;
// "profile kiro" and "kiro" are one; what both files say of it, the credentials file first.
Result<Profile> profile_named(const std::string& name, const Surroundings& around);
std::map<std::string, Profile> read_profiles(std::string_view text);

// The variables first, then the profile; empty when neither says.
std::string region_of(const Surroundings& around);

class CredentialSource {
 public:
  CredentialSource(Surroundings around, const Clock& clock)
      : around_(std::move(around)), clock_(clock) {}

  // denied: none anywhere, or the place that should give them refuses. The message says where it
  // was looked, and what to try.
  Result<Credentials> get();
  // What was given was refused as expired: fetch anew, whatever they say of themselves.
  void forget();

 private:
  Result<Credentials> find();

  Surroundings around_;
  const Clock& clock_;
  std::mutex mutex_;  // guards known_; held while they are fetched, so that one does it for all
  std::optional<Credentials> known_;
};

}  // namespace stepback::aws
