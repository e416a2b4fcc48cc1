// SPDX-License-Identifier: Apache-2.0
#include "raw_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "base/ensure.hpp"

namespace stepback::http {
namespace {

constexpr int patience_ms = 10'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool is_readable(int descriptor, int milliseconds) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&one, 1, milliseconds) == 1;
}

}  // namespace

static Listening somewhere(int type, bool listens) {
  Listening result{.socket = Descriptor(socket(AF_INET, type | SOCK_CLOEXEC, 0))};
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ENSURE(bind(result.socket.number(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  if (listens) ENSURE(listen(result.socket.number(), 512) == 0);
  ENSURE(getsockname(result.socket.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  result.port = ntohs(address.sin_port);
  return result;
}

Listening listen_somewhere(int type) { return somewhere(type, type == SOCK_STREAM); }

Listening hold_port() { return somewhere(SOCK_STREAM, false); }

RawConnection RawConnection::to(std::uint16_t port) {
  Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  ENSURE(connect(descriptor.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return RawConnection(std::move(descriptor));
}

bool RawConnection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawConnection::receive() const {
  std::array<char, 65536> buffer;
  if (!is_readable(descriptor(), patience_ms)) return "";
  const ssize_t got = recv(descriptor(), buffer.data(), buffer.size(), 0);
  return got <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(got));
}

std::string RawConnection::receive_until(std::string_view mark) const {
  std::string all;
  while (all.find(mark) == all.npos) {
    const std::string part = receive();
    if (part.empty()) break;
    all += part;
  }
  return all;
}

std::string RawConnection::receive_all() const {
  std::string all;
  for (std::string part = receive(); !part.empty(); part = receive()) all += part;
  return all;
}

bool RawConnection::is_closed_within(Duration duration) const {
  char byte = 0;
  return is_readable(descriptor(), static_cast<int>(duration.count())) &&
         recv(descriptor(), &byte, 1, MSG_DONTWAIT) <= 0;
}

void RawConnection::finish_sending() const { shutdown(descriptor(), SHUT_WR); }

void RawConnection::reset() {
  const linger abrupt{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
  socket_.close();
}

RawPeer::RawPeer(Serve serve) {
  Listening listening = listen_somewhere(SOCK_STREAM);
  listener_ = std::move(listening.socket);
  port_ = listening.port;
  thread_ = std::jthread([this, serve = std::move(serve)] {
    for (;;) {
      Descriptor accepted(accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!accepted.is_open()) return;
      RawConnection connection(std::move(accepted));
      serve(connection);
    }
  });
}

RawPeer::~RawPeer() {
  shutdown(listener_.number(), SHUT_RDWR);  // ends accept()
  thread_.join();
}

Url RawPeer::url(std::string_view target) const {
  Url url;
  url.host = "127.0.0.1";
  url.port = port_;
  url.target = target;
  return url;
}

}  // namespace stepback::http
