// SPDX-License-Identifier: Apache-2.0
#pragma once

// The transport: what a Connection sends with. Any number of threads at once; each call takes a
// client with its kept connections from a pool, the one used last first, and gives it back.
//
// Believed are the authorities that sign AWS's own certificates, which are part of the program: no
// bundle of a hundred others is read for them. A file named by AWS_CA_BUNDLE or SSL_CERT_FILE takes
// their place. When they do not vouch for a peer (an endpoint of one's own, a proxy that looks
// inside) it is tried once more with the system's, which stay from then on.
//
// Proxies are those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not; in a tunnel the
// peer's own certificate is checked. This machine itself and link-local addresses are never asked
// for through a proxy.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/client.hpp"

namespace stepback::aws {

struct TransportConfig {
  std::map<std::string, std::string> variables;  // of the process
  bool allow_link_local = false;                 // for the credentials of an instance or a task
  std::size_t most_idle_clients = 128;
  std::string name_servers{};  // empty: the system's
};

class Transport {
 public:
  explicit Transport(TransportConfig config);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  Result<http::Response> send(const http::Call& call);

  // The proxy on the way there, if any. invalid: it is named, and is none that can be used.
  Result<std::optional<http::Url>> proxy_for(const http::Url& url) const;

 private:
  using SharedTrust = std::shared_ptr<const http::Trust>;

  Result<SharedTrust> trust();
  bool is_wide();
  bool widen();  // to the system's authorities; false: a file has taken the place of all
  std::unique_ptr<http::Client> take();
  void give_back(std::unique_ptr<http::Client> client);

  TransportConfig config_;
  std::mutex mutex_;  // guards all below
  std::vector<std::unique_ptr<http::Client>> idle_;
  SharedTrust trust_;
  bool is_wide_ = false;
};

}  // namespace stepback::aws
