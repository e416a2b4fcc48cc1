// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace stepback::http {
namespace {

constexpr std::size_t longest_url = 2048;

Error refused(std::string_view why) {
  return {Code::invalid, fmt::format("not a URL to send a request to: {}", why)};
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

bool is_plain_host(std::string_view host) {
  return !host.empty() &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == host.npos;
}

// 0 when it is none. Boost's own conversion wraps around at 65536.
std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

}  // namespace

std::string Url::authority() const {
  const bool is_ipv6 = host.find(':') != host.npos;
  const std::string name = is_ipv6 ? fmt::format("[{}]", host) : host;
  return port == (is_secure ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::string Url::origin() const {
  return fmt::format("{}://{}", is_secure ? "https" : "http", authority());
}

std::string Url::text() const { return origin() + target; }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > longest_url) return fail(refused("it is longer than 2048 bytes"));
  const auto parsed = boost::urls::parse_uri(text);
  if (parsed.has_error()) return fail(refused("it is misspelt, or has no scheme"));
  Url url;
  url.is_secure = parsed->scheme_id() == boost::urls::scheme::https;
  if (!url.is_secure && parsed->scheme_id() != boost::urls::scheme::http) {
    return fail(refused("it begins with neither http:// nor https://"));
  }
  // The text is not repeated in the message: it holds the password.
  if (parsed->has_userinfo()) return fail(refused("there is a user name or a password in it"));

  const bool is_ipv6 = parsed->host_type() == boost::urls::host_type::ipv6;
  url.host = is_ipv6 ? std::string(parsed->host_ipv6_address().to_string())
                     : lower_case(parsed->encoded_host());
  if (!is_ipv6 && !is_plain_host(url.host)) {
    return fail(refused("its host is not a name or an address"));
  }
  url.port = url.is_secure ? 443 : 80;
  if (!parsed->port().empty()) url.port = port_of(parsed->port());
  if (url.port == 0) return fail(refused("its port is not 1 to 65535"));

  url.target = std::string(std::string_view(parsed->encoded_target()));
  if (url.target.empty() || url.target[0] == '?') url.target.insert(0, "/");
  // Boost takes what follows a port or an IPv4 address, "1.2.3.4.evil", for a path.
  if (url.target[0] != '/') return fail(refused("its host is not a name or an address"));
  return url;
}

}  // namespace stepback::http
