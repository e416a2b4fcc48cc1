// SPDX-License-Identifier: Apache-2.0
#include "app/address_rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/resolver.hpp"
#include "http/url.hpp"

namespace stepback {
namespace {

// Where clouds give out a machine's credentials, besides the link-local addresses.
constexpr std::array<std::string_view, 7> metadata_hosts{
    "metadata",        "metadata.google.internal",   "metadata.goog", "instance-data",
    "100.100.100.200", "instance-data.ec2.internal", "192.0.0.192"};

bool is_number(std::string_view label) {
  const bool hexadecimal = label.starts_with("0x") || label.starts_with("0X");
  return hexadecimal || (!label.empty() &&
                         std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; }));
}

Result<> check_literal(const http::Address& address, std::string_view host) {
  if (address.is_link_local()) {
    return fail(Code::denied, "a link-local address: clouds give out credentials there");
  }
  if (host.starts_with("::ffff:")) {
    return fail(Code::denied, "an IPv4 address in the form of an IPv6 one: write it as IPv4");
  }
  if (host == "0.0.0.0" || host == "::") return fail(Code::denied, "the address of no machine");
  return {};
}

Result<> check_name(std::string_view host) {
  const auto last = host.substr(host.rfind('.') + 1);
  if (is_number(last)) {
    return fail(Code::denied,
                "a number that is no address: write it as four parts, as in 10.0.0.7");
  }
  if (host.starts_with("localhost.")) {
    return fail(Code::denied, "another host's name that begins like this machine's");
  }
  return {};
}

}  // namespace

Result<> check_address(std::string_view text) {
  const auto url = TRY(http::parse_url(text));
  std::string_view host = url.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (std::ranges::find(metadata_hosts, host) != metadata_hosts.end()) {
    return fail(Code::denied, "a host that gives out credentials");
  }
  if (const auto address = http::address_of(host, url.port)) return check_literal(*address, host);
  return check_name(host);
}

Result<Listening> parse_listening(std::string_view text) {
  const auto colon = text.rfind(':');
  Listening listening;
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
      host = host.substr(1, host.size() - 2);
    }
    listening.host = host;
    const auto digits = text.substr(colon + 1);
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, listening.port);
    const bool has_port = !digits.empty() && error == std::errc() && stop == end;
    const bool is_name = listening.host == "localhost";
    if (has_port && (is_name || http::address_of(listening.host, listening.port))) {
      listening.is_loopback =
          is_name || listening.host == "::1" || listening.host.starts_with("127.");
      return listening;
    }
  }
  return fail(Code::invalid, "not an address and a port, as in 127.0.0.1:8431 or [::1]:8431");
}

}  // namespace stepback
