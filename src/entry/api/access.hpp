// SPDX-License-Identifier: Apache-2.0
#pragma once

// Access: who asks, and whether they may. A machine sends its token with every request; a page
// trades one for a cookie once, and sends a word of the session with each change, which no other
// site can know. Where only this machine can reach the server and nobody has a token, whoever asks
// is `local` and may do everything; a page of another site is refused all the same, by the name it
// was asked for and the origin it has. Asked for every request, from any thread.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "domain/access.hpp"
#include "http/message.hpp"

namespace stepback {

class Access {
 public:
  struct Options {
    bool open_to_others = false;  // other machines reach it: nobody gets in without a token
    bool encrypted = false;       // cookies go nowhere else
    std::string service;
    // Those that hold now: one that is removed ends the sessions that rest on it.
    std::function<TokenRecords()> tokens = [] { return TokenRecords(); };
  };

  Access(Options options, const Clock& clock, const Log& log);

  // Who it is; or why not: 401, 403.
  using Admission = std::variant<Caller, http::Response>;
  Admission admit(const http::Request& request, Right right);

  http::Response session(const http::Request& request);  // who it is, if anybody
  http::Response sign_in(const http::Request& request);
  http::Response sign_out(const http::Request& request);

 private:
  struct Session {
    std::string token_id;
    std::string csrf;
    Instant until;
  };
  struct Known {
    Caller caller;
    std::optional<std::string> csrf;  // of the session, where it rests on one
  };

  Result<Known> known(const http::Request& request);
  Result<TokenRecord> check_token(std::string_view token);
  Result<Known> by_cookie(const std::string& cookie);
  bool needs_sign_in(const TokenRecords& tokens) const;
  json::Value describe(const std::optional<Known>& known) const;
  http::Response refuse(const http::Request& request, int status, const std::string& why);
  std::string fresh_secret();

  Options options_;
  const Clock& clock_;
  const Log& log_;
  std::mutex checking_;  // one hash at a time: they are meant to be dear
  std::mutex mutex_;     // guards the rest
  Random random_;
  std::map<std::string, Session> sessions_;      // by the cookie's hash
  std::map<std::string, std::string> verified_;  // tokens' hashes, to the ids they belong to
};

}  // namespace stepback
