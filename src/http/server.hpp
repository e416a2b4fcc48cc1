// SPDX-License-Identifier: Apache-2.0
#pragma once

// An HTTP/1.1 server: routes, limits, live streams that hold no thread. One or two threads serve
// all connections and a few more run the handlers; see routes.hpp for which runs where. Started
// and stopped by one thread. What is wrong with a request is told as RFC 9457 problem+json.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/parser.hpp"
#include "http/routes.hpp"

namespace stepback::http {

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address, or "localhost"
  std::uint16_t port = 0;          // 0: a free one
  std::string certificate;         // a file, with its key: answers by TLS; empty: in plain
  std::string key;

  // The names this server is asked for by, without a port. A browser that was lured to a name
  // pointing here (DNS rebinding) asks for another and gets a 421. Empty: any name.
  std::vector<std::string> allowed_hosts;

  std::size_t io_threads = 1;
  std::size_t handler_threads = 4;
  std::size_t handlers_waiting = 1024;         // beyond it: 503
  std::size_t most_connections = 12'000;       // beyond it: 503
  std::size_t most_streams = 256;              // beyond it: 503
  std::size_t most_stream_bytes = 256 * 1024;  // waiting for a slow reader; beyond it, it is over
  MessageLimits limits;                        // beyond them: 431, 413

  Duration header_within = seconds(5);  // from its first byte; then 408
  Duration body_within = seconds(15);   // from the end of the header; then 408
  Duration idle_within = seconds(30);   // between requests; then closed
  Duration write_within = seconds(30);  // without the peer taking a byte; then closed
  Duration heartbeat = seconds(15);     // a comment on a stream that is silent
};

class Server {
 public:
  // `log` outlives the server. The error names the address: in use (conflict), not ours (invalid),
  // not allowed (denied).
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Routes routes,
                                               const Log& log);
  ~Server();  // as stop(), at once

  std::uint16_t port() const;
  std::size_t connections() const;

  // Takes no more connections, ends streams and idle connections, waits up to `within` for the
  // requests under way to be answered, and closes what is left. Returns when all threads have
  // ended: so a handler that does not return holds it up.
  void stop(Duration within);

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace stepback::http
