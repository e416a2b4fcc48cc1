// SPDX-License-Identifier: Apache-2.0
#include "http/channel.hpp"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/ensure.hpp"

namespace stepback::http {
namespace {

Error connection_failed(int error) {
  if (error == ECONNREFUSED) return {Code::unavailable, "connection refused"};
  if (error == ECONNRESET || error == EPIPE) {
    return {Code::unavailable, "the connection was reset"};
  }
  return {Code::unavailable, fmt::format("the connection failed: {}", strerror(error))};
}

struct Connected {
  Descriptor socket;
  int error = 0;
  bool is_late = false;  // its share of the time went by
};

Connected connect_once(const Address& address, const Deadline& deadline, Duration share) {
  Connected result;
  result.socket =
      Descriptor(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int descriptor = result.socket.number();
  if (!result.socket.is_open()) {
    result.error = errno;
    return result;
  }
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) {
    return result;
  }
  result.error = errno;
  if (result.error != EINPROGRESS) return result;
  result.is_late = deadline.wait(descriptor, POLLOUT, share) != Waited::ready;
  socklen_t size = sizeof result.error;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &result.error, &size);
  return result;
}

// OpenSSL's own socket BIO writes with write(), and a peer that is gone would end the program with
// SIGPIPE. This one is the same but for MSG_NOSIGNAL.
int bio_write(BIO* bio, const char* bytes, int count) {
  const int descriptor = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(descriptor, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* bytes, int count) {
  const int descriptor = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t got = recv(descriptor, bytes, static_cast<std::size_t>(count), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* quiet_socket() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    ENSURE(made != nullptr);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

BIO* bio_on(int descriptor) {
  BIO* bio = BIO_new(quiet_socket());
  ENSURE(bio != nullptr);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  return bio;
}

// A static program carries Debian's idea of the place to other systems, so theirs are tried too.
// When there are none, no certificate is believed and the handshake says so.
void load_system_authorities(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  if (access(X509_get_default_cert_dir(), R_OK) == 0) return;
  for (const char* bundle :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    if (SSL_CTX_load_verify_file(context, bundle) == 1) return;
  }
}

}  // namespace

void Trust::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

void Channel::Free::operator()(ssl_st* session) const { SSL_free(session); }

Trust Trust::without_authorities() {
  Trust trust(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = trust.context_.get();
  ENSURE(context != nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return trust;
}

Result<Trust> Trust::load(const std::string& authorities) {
  Trust trust = without_authorities();
  SSL_CTX* const context = trust.context_.get();
  if (authorities.empty()) {
    load_system_authorities(context);
  } else if (SSL_CTX_load_verify_file(context, authorities.c_str()) != 1) {
    ERR_clear_error();
    return fail(Code::unavailable, "no certificates of authorities in " + authorities);
  }
  ERR_clear_error();
  return trust;
}

Result<Trust> Trust::load_text(std::string_view pem) {
  Trust trust = without_authorities();
  X509_STORE* const store = SSL_CTX_get_cert_store(trust.context_.get());
  BIO* const text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  ENSURE(text != nullptr);
  int count = 0;
  while (X509* const certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr)) {
    count += X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
  }
  BIO_free(text);
  ERR_clear_error();  // the end of the text is one, too
  if (count == 0) return fail(Code::unavailable, "no certificates of authorities in the text");
  return trust;
}

Result<Channel> Channel::connect(const std::vector<Address>& addresses, const Deadline& deadline) {
  Error last{Code::unavailable, "it has no address"};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto untried = static_cast<Duration::rep>(addresses.size() - i);
    Connected attempt =
        connect_once(addresses[i], deadline, deadline.left() / untried + Duration(1));
    if (attempt.error == 0 && !attempt.is_late) return Channel(std::move(attempt.socket));
    if (deadline.left() == Duration(0)) return fail(deadline.passed("connecting"));
    last = attempt.is_late ? deadline.passed("connecting") : connection_failed(attempt.error);
  }
  return fail(last);
}

Result<> Channel::secure(const Trust& trust, const std::string& host, const Deadline& deadline) {
  session_.reset(SSL_new(trust.context_.get()));
  ENSURE(session_ != nullptr);
  BIO* const bio = bio_on(socket_.number());
  SSL_set_bio(session_.get(), bio, bio);
  if (address_of(host, 0)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_.get()), host.c_str());
  } else {
    SSL_set1_host(session_.get(), host.c_str());
    SSL_set_tlsext_host_name(session_.get(), host.c_str());
  }
  for (;;) {
    ERR_clear_error();
    const Step step = after_tls(SSL_connect(session_.get()));
    if (step.next == Next::done) return {};
    if (step.next == Next::ended || step.next == Next::failed) return fail(handshake_failed(host));
    if (!await(step.next, deadline)) return fail(deadline.passed("agreeing on TLS"));
  }
}

Error Channel::handshake_failed(const std::string& host) const {
  const unsigned long reason = ERR_peek_last_error();
  ERR_clear_error();
  const long verdict = SSL_get_verify_result(session_.get());
  switch (verdict) {
    case X509_V_OK: break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Code::denied, fmt::format("its certificate is for another host than {}", host)};
    case X509_V_ERR_CERT_HAS_EXPIRED: return {Code::denied, "its certificate has expired"};
    case X509_V_ERR_CERT_NOT_YET_VALID: return {Code::denied, "its certificate is not valid yet"};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      return {Code::denied, "its certificate is not signed by a known authority"};
    default:
      return {Code::denied, fmt::format("its certificate is not accepted: {}",
                                        X509_verify_cert_error_string(verdict))};
  }
  const char* text = reason == 0 ? nullptr : ERR_reason_error_string(reason);
  return {Code::unavailable, fmt::format("TLS was not agreed on: {}",
                                         text == nullptr ? "the connection was closed" : text)};
}

Result<> Channel::send(std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const Step step = write_once(bytes);
    switch (step.next) {
      case Next::done: bytes.remove_prefix(step.count); continue;
      case Next::ended: return fail(connection_failed(ECONNRESET));
      case Next::failed: return fail(connection_failed(step.error));
      case Next::read:
      case Next::write: break;
    }
    if (!await(step.next, deadline)) return fail(deadline.passed("sending"));
  }
  return {};
}

Result<std::size_t> Channel::receive(std::span<char> into, const Deadline& deadline) {
  for (;;) {
    // Asked before each read, not only when there is nothing: a peer that always has more to say
    // would else be listened to for ever.
    if (deadline.left() == Duration(0)) return fail(deadline.passed("waiting for the answer"));
    const Step step = read_once(into);
    switch (step.next) {
      case Next::done: return step.count;
      case Next::ended: return std::size_t{0};
      case Next::failed: return fail(connection_failed(step.error));
      case Next::read:
      case Next::write: break;
    }
    if (!await(step.next, deadline)) return fail(deadline.passed("waiting for the answer"));
  }
}

bool Channel::is_quiet() const {
  if (session_ && SSL_pending(session_.get()) > 0) return false;
  pollfd one{.fd = socket_.number(), .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) == 0;
}

Channel::Step Channel::read_once(std::span<char> into) {
  if (session_) {
    ERR_clear_error();
    return after_tls(SSL_read(session_.get(), into.data(), static_cast<int>(into.size())));
  }
  const ssize_t got = recv(socket_.number(), into.data(), into.size(), 0);
  if (got > 0) return {Next::done, static_cast<std::size_t>(got), 0};
  if (got == 0) return {Next::ended, 0, 0};
  return {errno == EAGAIN || errno == EINTR ? Next::read : Next::failed, 0, errno};
}

Channel::Step Channel::write_once(std::string_view bytes) {
  if (session_) {
    ERR_clear_error();
    const auto count = std::min<std::size_t>(bytes.size(), 1 << 20);
    return after_tls(SSL_write(session_.get(), bytes.data(), static_cast<int>(count)));
  }
  const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {Next::done, static_cast<std::size_t>(sent), 0};
  return {errno == EAGAIN || errno == EINTR ? Next::write : Next::failed, 0, errno};
}

Channel::Step Channel::after_tls(int result) const {
  const int error = errno;
  if (result > 0) return {Next::done, static_cast<std::size_t>(result), 0};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Next::read, 0, 0};
    case SSL_ERROR_WANT_WRITE: return {Next::write, 0, 0};
    case SSL_ERROR_ZERO_RETURN: return {Next::ended, 0, 0};
    // The end without TLS's own farewell may have been cut by anybody: it is no end.
    case SSL_ERROR_SYSCALL: return {Next::failed, 0, error == 0 ? ECONNRESET : error};
    default: return {Next::failed, 0, ECONNRESET};
  }
}

bool Channel::await(Next next, const Deadline& deadline) const {
  return deadline.wait(socket_.number(), next == Next::read ? POLLIN : POLLOUT) == Waited::ready;
}

}  // namespace stepback::http
