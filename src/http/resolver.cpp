// SPDX-License-Identifier: Apache-2.0
#include "http/resolver.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/ensure.hpp"

namespace stepback::http {
namespace {

constexpr std::size_t most_addresses = 8;
constexpr int server_timeout_ms = 1500;  // for the first try; c-ares lengthens it for the next
constexpr int tries = 3;

Address address_of(const sockaddr* address, std::size_t size) {
  Address copy;
  copy.size = static_cast<socklen_t>(std::min(size, sizeof copy.storage));
  std::memcpy(&copy.storage, address, copy.size);
  return copy;
}

struct Answer {
  bool is_complete = false;
  int status = ARES_SUCCESS;
  std::vector<Address> addresses;
};

void take_answer(void* context, int status, int, ares_addrinfo* found) {
  Answer& answer = *static_cast<Answer*>(context);
  answer.is_complete = true;
  answer.status = status;
  if (found == nullptr) return;
  for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
    if (answer.addresses.size() == most_addresses) break;
    answer.addresses.push_back(address_of(node->ai_addr, node->ai_addrlen));
  }
  ares_freeaddrinfo(found);
}

struct Destroy {
  void operator()(ares_channeldata* channel) const { ares_destroy(channel); }
};
using Channel = std::unique_ptr<ares_channeldata, Destroy>;

Error lookup_failed(int status) {
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME) {
    return {Code::not_found, "no such host"};
  }
  if (status == ARES_ETIMEOUT) return {Code::timeout, "no name server answered"};
  return {Code::unavailable, fmt::format("its name was not looked up: {}", ares_strerror(status))};
}

Result<Channel> make_channel(const std::string& name_servers) {
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  if (initialised != ARES_SUCCESS) return fail(lookup_failed(initialised));
  ares_options options{};
  options.timeout = server_timeout_ms;
  options.tries = tries;
  std::array<char, 3> files_first{"fb"};  // /etc/hosts, then the name servers
  options.lookups = files_first.data();
  ares_channel raw = nullptr;
  const int status =
      ares_init_options(&raw, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
  if (status != ARES_SUCCESS) return fail(lookup_failed(status));
  Channel channel(raw);
  if (name_servers.empty()) return channel;
  const int named = ares_set_servers_ports_csv(channel.get(), name_servers.c_str());
  if (named != ARES_SUCCESS) return fail(lookup_failed(named));
  return channel;
}

// Waits once for the name servers and lets c-ares look at what came.
Waited turn(ares_channel channel, const Deadline& deadline) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const auto bits = static_cast<unsigned>(
      ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size())));
  std::array<pollfd, ARES_GETSOCK_MAXNUM> polls{};
  std::size_t count = 0;
  for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    const bool reads = (bits & (1U << i)) != 0;
    const bool writes = (bits & (1U << (i + ARES_GETSOCK_MAXNUM))) != 0;
    if (!reads && !writes) break;
    polls[count++] = {.fd = sockets[i],
                      .events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)),
                      .revents = 0};
  }
  timeval most{.tv_sec = 60, .tv_usec = 0};
  timeval until_next{};
  ares_timeout(channel, &most, &until_next);
  const Duration at_most(until_next.tv_sec * 1000 + until_next.tv_usec / 1000 + 1);
  const Waited waited = deadline.wait({polls.data(), count}, at_most);
  if (waited == Waited::expired) return waited;
  if (waited == Waited::not_yet) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_readable = (polls[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    const bool is_writable = (polls[i].revents & POLLOUT) != 0;
    ares_process_fd(channel, is_readable ? polls[i].fd : ARES_SOCKET_BAD,
                    is_writable ? polls[i].fd : ARES_SOCKET_BAD);
  }
  return waited;
}

Result<std::vector<Address>> look_up(const Destination& destination, const Deadline& deadline,
                                     const std::string& name_servers) {
  Answer answer;  // outlives the channel, whose end may still report to it
  const Channel channel = TRY(make_channel(name_servers));
  ares_addrinfo_hints hints{};
  hints.ai_flags = ARES_AI_NUMERICSERV;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel.get(), destination.host.c_str(),
                   std::to_string(destination.port).c_str(), &hints, take_answer, &answer);
  while (!answer.is_complete) {
    if (turn(channel.get(), deadline) == Waited::expired) {
      return fail(deadline.passed("looking up its name"));
    }
  }
  if (answer.status != ARES_SUCCESS) return fail(lookup_failed(answer.status));
  if (answer.addresses.empty()) return fail(lookup_failed(ARES_ENODATA));
  return std::move(answer.addresses);
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> name{};
  if (storage.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage);
    inet_ntop(AF_INET, &ipv4.sin_addr, name.data(), name.size());
    return fmt::format("{}:{}", name.data(), ntohs(ipv4.sin_port));
  }
  const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage);
  inet_ntop(AF_INET6, &ipv6.sin6_addr, name.data(), name.size());
  return fmt::format("[{}]:{}", name.data(), ntohs(ipv6.sin6_port));
}

bool Address::is_link_local() const {
  const auto is_ipv4_link_local = [](const std::uint8_t* bytes) {
    return bytes[0] == 169 && bytes[1] == 254;
  };
  if (storage.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage);
    return is_ipv4_link_local(reinterpret_cast<const std::uint8_t*>(&ipv4.sin_addr));
  }
  const in6_addr& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
  constexpr std::array<std::uint8_t, 16> metadata{0xFD, 0, 0x0E, 0xC2, 0, 0, 0,    0,
                                                  0,    0, 0,    0,    0, 0, 0x02, 0x54};
  constexpr std::array<std::uint8_t, 12> translated{0, 0x64, 0xFF, 0x9B};  // RFC 6052
  const std::uint8_t* bytes = ipv6.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&ipv6) || std::equal(translated.begin(), translated.end(), bytes)) {
    return is_ipv4_link_local(bytes + 12);
  }
  return IN6_IS_ADDR_LINKLOCAL(&ipv6) || std::equal(metadata.begin(), metadata.end(), bytes);
}

std::optional<Address> address_of(std::string_view text, std::uint16_t port) {
  const std::string host(text);
  sockaddr_in ipv4{};
  if (inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    return address_of(reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4);
  }
  sockaddr_in6 ipv6{};
  if (inet_pton(AF_INET6, host.c_str(), &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    return address_of(reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
  }
  return std::nullopt;
}

Result<std::vector<Address>> resolve(const Destination& destination, const Deadline& deadline,
                                     const std::string& name_servers) {
  if (const auto address = address_of(destination.host, destination.port)) {
    return std::vector{*address};
  }
  if (is_localhost(destination.host)) {
    return std::vector{*address_of("127.0.0.1", destination.port),
                       *address_of("::1", destination.port)};
  }
  return look_up(destination, deadline, name_servers);
}

}  // namespace stepback::http
