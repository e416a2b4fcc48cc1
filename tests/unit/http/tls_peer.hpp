// SPDX-License-Identifier: Apache-2.0
#pragma once

// A TLS server for the client's tests, with a certificate made for the test: for which name, valid
// from when to when, signed by the test's own authority or by itself.

#include <atomic>
#include <memory>
#include <string>

#include "raw_peer.hpp"

namespace stepback::http {

struct Certificate {
  std::string name = "DNS:localhost";  // as in subjectAltName
  long valid_from_seconds = -3600;     // from now
  long valid_to_seconds = 3600;
  bool is_self_signed = false;
};

// The certificate and its key as PEM files; the key is for its owner alone.
void write_papers(const Certificate& certificate, const std::string& certificate_file,
                  const std::string& key_file);

// Answers each connection with `answer`, after the request's header, and closes. The authority's
// certificate lies in a file of its own until the peer goes.
class TlsPeer {
 public:
  TlsPeer(const Certificate& certificate, std::string answer, bool says_farewell = true);
  ~TlsPeer();

  Url url(std::string_view host) const;
  const std::string& authority_file() const { return authority_file_; }
  int handshakes() const { return handshakes_; }

 private:
  friend void write_papers(const Certificate&, const std::string&, const std::string&);
  struct Identity;

  std::string authority_file_;
  std::unique_ptr<Identity> identity_;
  std::atomic<int> handshakes_ = 0;
  RawPeer peer_;
};

}  // namespace stepback::http
