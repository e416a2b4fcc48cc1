// SPDX-License-Identifier: Apache-2.0
#pragma once

// A connection to a peer: bytes out and bytes in, plain or through TLS, each wait under a
// Deadline. The client owns them; one thread each.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "http/deadline.hpp"
#include "http/resolver.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace stepback::http {

// What every TLS connection shares: the authorities whose certificates are believed. Loaded from
// the system, or from `authorities`, a file of PEM certificates.
class Trust {
 public:
  static Result<Trust> load(const std::string& authorities);
  static Result<Trust> load_text(std::string_view pem);  // those of this text, and no others

 private:
  friend class Channel;
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit Trust(ssl_ctx_st* context) : context_(context) {}
  static Trust without_authorities();

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

class Channel {
 public:
  // To the first address that answers. Each but the last gets a fair share of the time left, so
  // that one that swallows everything does not use up the whole deadline.
  static Result<Channel> connect(const std::vector<Address>& addresses, const Deadline& deadline);

  // TLS 1.2 or later, with a certificate that is valid today and names `host`.
  Result<> secure(const Trust& trust, const std::string& host, const Deadline& deadline);

  Result<> send(std::string_view bytes, const Deadline& deadline);
  Result<std::size_t> receive(std::span<char> into, const Deadline& deadline);  // 0: it closed

  // Nothing has come since the last answer, not even the end: it may carry another request.
  bool is_quiet() const;

 private:
  enum class Next { done, read, write, ended, failed };
  struct Step {
    Next next = Next::done;
    std::size_t count = 0;
    int error = 0;
  };
  struct Free {
    void operator()(ssl_st* session) const;
  };

  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}
  Step read_once(std::span<char> into);
  Step write_once(std::string_view bytes);
  Step after_tls(int result) const;
  bool await(Next next, const Deadline& deadline) const;
  Error handshake_failed(const std::string& host) const;

  Descriptor socket_;
  std::unique_ptr<ssl_st, Free> session_;
};

}  // namespace stepback::http
