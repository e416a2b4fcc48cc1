// SPDX-License-Identifier: Apache-2.0
#pragma once

// A host's name to its addresses, by c-ares: a static program cannot use the C library's resolver.
// The client calls it. Addresses written out and "localhost" are answered without asking anybody;
// /etc/hosts is read before a name server is asked.

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/deadline.hpp"

namespace stepback::http {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  std::string text() const;  // "127.0.0.1:80", "[::1]:80"

  // 169.254.0.0/16, fe80::/10 and fd00:ec2::254, also when mapped into IPv6. There clouds hand out
  // this machine's credentials: nobody may point a request of ours at them by a name or a URL.
  bool is_link_local() const;
};

// "10.0.0.1" or "::1"; nothing for a name.
std::optional<Address> address_of(std::string_view text, std::uint16_t port);

struct Destination {
  std::string host;
  std::uint16_t port = 0;
};

// Up to 8 addresses, in the order to try them. not_found: there is no such host. `name_servers`
// ("10.0.0.2:53,...") stand in for those of the system when there are any.
Result<std::vector<Address>> resolve(const Destination& destination, const Deadline& deadline,
                                     const std::string& name_servers);

}  // namespace stepback::http
