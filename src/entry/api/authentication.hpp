// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who may send events: whoever has the token, or can sign with one of the secrets. A signature is
// of the body and of a time, "Stepback-Signature: t=UNIX,v1=HEX" over "UNIX.body" by HMAC-SHA-256,
// so that what was overheard is of use for a few minutes only; and then it is the same fact again.
// Several secrets, and several v1 in one header, let both sides change theirs one after the other.
// Asked by the API for every request, from any thread.

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace stepback {

class Authentication {
 public:
  struct Options {
    std::optional<Secret> token;  // "Authorization: Bearer ..."
    std::vector<Secret> secrets;  // for signatures
    Duration window = minutes(5);
  };

  Authentication(Options options, const Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  // denied, with what is needed. Without a token and secrets everybody may.
  Result<> check(const http::Request& request) const;

 private:
  bool has_token(const http::Request& request) const;
  Result<> check_signature(std::string_view header, std::string_view body) const;

  Options options_;
  const Clock& clock_;
};

}  // namespace stepback
