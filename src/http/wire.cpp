// SPDX-License-Identifier: Apache-2.0
#include "http/wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace stepback::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t most_at_once = 1U << 20;

Error trouble(const std::string& what) {
  char text[256] = {};
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return {Code::invalid, what + ": " + text};
}

int size_of(std::size_t size) { return static_cast<int>(std::min(size, most_at_once)); }

}  // namespace

void Identity::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

void Wire::Free::operator()(ssl_st* session) const { SSL_free(session); }

Result<Identity> Identity::load(const std::string& certificate, const std::string& key) {
  struct stat facts{};
  if (stat(key.c_str(), &facts) == 0 && (facts.st_mode & 007) != 0)
    return fail(Code::denied, key + " can be read by anybody; chmod o= mends it");
  Identity identity(SSL_CTX_new(TLS_server_method()));
  auto* context = identity.context_.get();
  if (context == nullptr) return fail(trouble("TLS cannot be begun"));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return fail(trouble(certificate + " is no chain of certificates"));
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(trouble(key + " is no key to " + certificate));
  return identity;
}

Wire::Wire(Socket socket, const Identity* identity) : socket_(std::move(socket)) {
  if (identity == nullptr) return;
  session_.reset(SSL_new(identity->context_.get()));
  if (session_ == nullptr || SSL_set_fd(session_.get(), socket_.native_handle()) != 1) {
    close();  // the first read says so
    return;
  }
  SSL_set_accept_state(session_.get());
}

std::size_t Wire::moved(int result, bool was_read, error_code& error) {
  error.clear();
  crossed_ = false;
  if (result > 0) return static_cast<std::size_t>(result);
  const int why = SSL_get_error(session_.get(), result);
  ERR_clear_error();
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    crossed_ = was_read == (why == SSL_ERROR_WANT_WRITE);
    error = asio::error::would_block;
  } else {
    error = why == SSL_ERROR_ZERO_RETURN ? error_code(asio::error::eof)
                                         : error_code(asio::error::connection_reset);
  }
  return 0;
}

std::size_t Wire::read_some(std::span<char> into, error_code& error) {
  if (session_ == nullptr) return socket_.read_some(asio::buffer(into.data(), into.size()), error);
  ERR_clear_error();
  return moved(SSL_read(session_.get(), into.data(), size_of(into.size())), true, error);
}

std::size_t Wire::write_some(std::string_view bytes, error_code& error) {
  if (session_ == nullptr)
    return socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  ERR_clear_error();
  return moved(SSL_write(session_.get(), bytes.data(), size_of(bytes.size())), false, error);
}

void Wire::end_writing() {
  if (session_ != nullptr && SSL_is_init_finished(session_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(session_.get());  // says that this is all; whether it arrives is the peer's matter
    ERR_clear_error();
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace stepback::http
