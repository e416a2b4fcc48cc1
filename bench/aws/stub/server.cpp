// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <string_view>

namespace stub {

struct Connection {
  Connection(int socket, std::uint64_t number, Listener& whose)
      : fd(socket), id(number), listener(whose) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (ssl != nullptr) SSL_free(ssl);
    close(fd);
  }

  int fd;
  std::uint64_t id;
  Listener& listener;
  ssl_st* ssl = nullptr;
  std::string in;
  std::string out;
  bool continued = false;  // "100 Continue" has been sent for what is being read
  bool waits_to_write = false;
};

namespace {

constexpr std::size_t most_at_once = 65536;

bool wants_more(const Connection& connection, int result) {
  const int error = SSL_get_error(connection.ssl, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

// More than 0: so many bytes. 0: nothing now. Less: it is over.
long receive(Connection& connection, std::span<char> room) {
  if (connection.ssl != nullptr) {
    ERR_clear_error();  // another connection's would be taken for this one's
    const int count = SSL_read(connection.ssl, room.data(), static_cast<int>(room.size()));
    return count > 0 ? count : wants_more(connection, count) ? 0 : -1;
  }
  const auto count = recv(connection.fd, room.data(), room.size(), 0);
  if (count > 0) return count;
  return count < 0 && errno == EAGAIN ? 0 : -1;
}

long send_some(Connection& connection, std::string_view text) {
  if (connection.ssl != nullptr) {
    ERR_clear_error();
    const int count = SSL_write(connection.ssl, text.data(), static_cast<int>(text.size()));
    return count > 0 ? count : wants_more(connection, count) ? 0 : -1;
  }
  const auto count = send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL);
  if (count >= 0) return count;
  return errno == EAGAIN ? 0 : -1;
}

// How long the body is that begins at `rest`; none: it has not come whole.
std::optional<std::size_t> body_size(const Request& lines, std::string_view rest) {
  if (same_letters(lines.header("transfer-encoding"), "chunked")) {
    std::size_t size = 0;
    if (!without_chunks(rest, size)) return std::nullopt;
    return size;
  }
  const auto size = static_cast<std::size_t>(number_in(lines.header("content-length")));
  if (rest.size() < size) return std::nullopt;
  return size;
}

std::string text_of(const Answer& answer, bool without_body) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status);
  text += answer.status < 300 ? " OK\r\n" : " Refused\r\n";
  text += "x-amzn-RequestId: 4442587FB7D0A2F9\r\nx-amz-request-id: 4442587FB7D0A2F9\r\n";
  if (!answer.body.empty()) text += "Content-Type: " + answer.type + "\r\n";
  text += answer.headers;
  // A HEAD's answer gives the object's length, and has nothing of it.
  if (!without_body && answer.status != 204 && answer.status != 304)
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  text += "\r\n";
  if (!without_body) text += answer.body;
  return text;
}

}  // namespace

ssl_ctx_st* server_tls(const std::string& certificate, const std::string& key) {
  auto* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return nullptr;
  return context;
}

Server::Server() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
Server::~Server() { close(epoll_); }

bool Server::listen(Listener& listener) {
  listener.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener.socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(listener.port));
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(listener.socket, any, size) != 0 || ::listen(listener.socket, 4096) != 0 ||
      getsockname(listener.socket, any, &size) != 0)
    return false;
  listener.port = ntohs(address.sin_port);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = listeners_.size();
  listeners_.push_back(&listener);
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, listener.socket, &event) == 0;
}

void Server::accept(Listener& listener) {
  while (true) {
    const int fd = accept4(listener.socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    auto connection = std::make_unique<Connection>(fd, next_id_++, listener);
    if (listener.tls != nullptr) {
      connection->ssl = SSL_new(listener.tls);
      SSL_set_fd(connection->ssl, fd);
      SSL_set_accept_state(connection->ssl);
      SSL_set_mode(connection->ssl,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    if (listener.meter != nullptr) listener.meter->connected();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = connection->id;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    connections_[connection->id] = std::move(connection);
  }
}

void Server::watch(Connection& connection, bool writable) {
  if (connection.waits_to_write == writable) return;
  connection.waits_to_write = writable;
  epoll_event event{};
  event.events = EPOLLIN | (writable ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.u64 = connection.id;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

bool Server::flush(Connection& connection) {
  std::size_t sent = 0;
  while (sent < connection.out.size()) {
    const auto count = send_some(connection, std::string_view(connection.out).substr(sent));
    if (count < 0) return false;
    if (count == 0) break;
    sent += static_cast<std::size_t>(count);
  }
  connection.out.erase(0, sent);
  watch(connection, !connection.out.empty());
  return true;
}

bool Server::read(Connection& connection) {
  std::array<char, most_at_once> room;
  while (true) {
    const auto count = receive(connection, room);
    if (count < 0) return false;
    if (count == 0) break;
    connection.in.append(room.data(), static_cast<std::size_t>(count));
    if (connection.ssl == nullptr && static_cast<std::size_t>(count) < room.size()) break;
  }
  return consume(connection) && flush(connection);
}

bool Server::consume(Connection& connection) {
  std::size_t done = 0;
  while (true) {
    const auto all = std::string_view(connection.in).substr(done);
    const auto end = all.find("\r\n\r\n");
    if (end == std::string_view::npos) break;
    const auto head = all.substr(0, end + 2);
    const auto rest = all.substr(end + 4);
    const Request lines{.method = "", .path = "", .query = {}, .head = head, .body = ""};
    const auto size = body_size(lines, rest);
    if (!size) {
      if (!connection.continued && same_letters(lines.header("expect"), "100-continue")) {
        connection.out += "HTTP/1.1 100 Continue\r\n\r\n";
        connection.continued = true;
      }
      break;
    }
    serve(connection, head, rest.substr(0, *size));
    connection.continued = false;
    done += end + 4 + *size;
  }
  connection.in.erase(0, done);
  return true;
}

void Server::serve(Connection& connection, std::string_view head, std::string_view body) {
  auto& listener = connection.listener;
  const auto place = listener.meter != nullptr ? listener.meter->arrived() : 0;
  const auto answer = listener.answer(read_request(head, body));
  if (listener.meter != nullptr) listener.meter->asked(answer.kind, place);
  auto text = text_of(answer, head.starts_with("HEAD "));
  if (listener.delay.count() > 0) {
    late_.push_back({std::chrono::steady_clock::now() + listener.delay, connection.id,
                     std::move(text), listener.meter, answer.kind, place});
    return;
  }
  connection.out += text;
  if (listener.meter != nullptr) listener.meter->answered(answer.kind, place);
}

void Server::send_what_is_due() {
  const auto now = std::chrono::steady_clock::now();
  while (!late_.empty() && late_.front().due <= now) {
    const auto late = std::move(late_.front());
    late_.pop_front();
    if (late.meter != nullptr) late.meter->answered(late.kind, late.place);
    const auto found = connections_.find(late.connection);
    if (found == connections_.end()) continue;
    found->second->out += late.text;
    if (!flush(*found->second)) connections_.erase(found);
  }
}

int Server::milliseconds_until_due() const {
  if (late_.empty()) return -1;
  const auto left = late_.front().due - std::chrono::steady_clock::now();
  if (left.count() <= 0) return 0;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

void Server::run() {
  std::array<epoll_event, 256> events;
  while (true) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 milliseconds_until_due());
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 < listeners_.size()) {
        accept(*listeners_[event.data.u64]);
        continue;
      }
      const auto found = connections_.find(event.data.u64);
      if (found == connections_.end()) continue;
      bool fine = true;
      if ((event.events & EPOLLOUT) != 0) fine = flush(*found->second);
      if (fine && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        fine = read(*found->second);
      if (!fine) connections_.erase(found);
    }
    send_what_is_due();
  }
}

}  // namespace stub
