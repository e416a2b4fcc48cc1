// SPDX-License-Identifier: Apache-2.0
#pragma once

// Wire: the bytes of one of the server's connections, plain or through TLS, without ever waiting: a
// read or write that cannot go on says so, and what it waits for. Identity is what a server proves
// itself by. For the server's own files; a Wire belongs to its shard's thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace stepback::http {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Identity {
 public:
  // TLS 1.2 or later, by a chain of certificates and its key, both PEM. invalid: they are none, or
  // don't belong together; denied: anybody may read the key.
  static Result<Identity> load(const std::string& certificate, const std::string& key);

 private:
  friend class Wire;
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit Identity(ssl_ctx_st* context) : context_(context) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

class Wire {
 public:
  // Through TLS where there is an identity.
  Wire(Socket socket, const Identity* identity);

  Socket& socket() { return socket_; }

  // would_block: nothing was moved.
  std::size_t read_some(std::span<char> into, boost::system::error_code& error);
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error);
  void end_writing();
  void close();

  // What blocked last was of the other kind: a read waits until something can be written, or a
  // write until something has come. Only TLS does that, while it begins.
  bool is_crossed() const { return crossed_; }

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  std::size_t moved(int result, bool was_read, boost::system::error_code& error);

  Socket socket_;
  std::unique_ptr<ssl_st, Free> session_;
  bool crossed_ = false;
};

}  // namespace stepback::http
