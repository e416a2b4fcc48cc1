// SPDX-License-Identifier: Apache-2.0
#pragma once

// An http or https address as a value. Scheme, host and port are in one canonical form, so that two
// spellings of one origin compare equal; the path and the query stay as they were written, for
// only the peer knows what they mean. Any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace stepback::http {

struct Url {
  bool is_secure = false;  // https
  std::string host;        // lower case; an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, as they are sent

  // What may be shown to people and logged: a path or a query may hold a token.
  std::string origin() const;     // "https://example.com:8443"; without the scheme's own port
  std::string text() const;       // the whole
  std::string authority() const;  // "example.com:8443": the Host header
  bool operator==(const Url&) const = default;
};

// Refused: another scheme, a user name or password, a host that is empty or escaped, port 0, and
// more than 2,048 bytes. A fragment is dropped, for it is never sent.
Result<Url> parse_url(std::string_view text);

}  // namespace stepback::http
