// SPDX-License-Identifier: Apache-2.0
#pragma once

// Topics: deliveries of SNS over HTTP. Anybody may send one, so each is held against the signature
// of its topic, with a certificate from SNS's own host, and only the topics of the configuration
// are listened to; what then comes out of it goes the way of every event. A subscription of one of
// those topics is confirmed. Called on the server's handler threads, because a certificate may have
// to be fetched; one at a time is, and who comes meanwhile is asked to come again.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "entry/api/ingest.hpp"
#include "signals/sns.hpp"

namespace stepback {

class Topics {
 public:
  // The body of what an address answers, which is one of SNS's. Called from any thread, one call
  // at a time.
  using Fetch = std::function<Result<std::string>(const std::string& url)>;
  struct Options {
    std::vector<std::string> topics;  // ARNs; none: nothing is taken
    Fetch fetch;
  };

  Topics(Ingest& ingest, const Clock& clock, const Log& log, Options options)
      : ingest_(ingest), clock_(clock), log_(log), options_(std::move(options)) {}

  void receive(const http::Request& request, http::Responder responder);

 private:
  Result<> check(const SnsMessage& message);
  Result<std::string> certificate(const std::string& url);
  Result<std::string> fetch(const std::string& url);
  Result<> confirm(const SnsMessage& message);

  Ingest& ingest_;
  const Clock& clock_;
  const Log& log_;
  Options options_;
  std::mutex fetching_;
  std::mutex mutex_;  // guards certificates_
  std::map<std::string, std::string> certificates_;
};

}  // namespace stepback
