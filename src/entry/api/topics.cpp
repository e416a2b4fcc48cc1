// SPDX-License-Identifier: Apache-2.0
#include "entry/api/topics.hpp"

#include <algorithm>
#include <utility>

#include "base/signature.hpp"
#include "entry/api/problems.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_certificates = 16;  // SNS changes its own about once a year

}  // namespace

Result<std::string> Topics::fetch(const std::string& url) {
  const std::unique_lock lock(fetching_, std::try_to_lock);
  if (!lock) return fail(Code::unavailable, "something is being fetched from SNS: send it again");
  auto body = options_.fetch(url);
  if (!body) return fail(Code::unavailable, "asking SNS: " + body.error().message);
  return body;
}

Result<std::string> Topics::certificate(const std::string& url) {
  TRY(check_certificate_address(url));
  {
    const std::lock_guard lock(mutex_);
    const auto known = certificates_.find(url);
    if (known != certificates_.end()) return known->second;
  }
  return fetch(url);
}

// Only a certificate that proved a message is kept.
Result<> Topics::check(const SnsMessage& message) {
  if (std::ranges::find(options_.topics, message.topic) == options_.topics.end())
    return fail(Code::denied, "this topic is not in the configuration");
  const auto pem = TRY(certificate(message.certificate_url));
  const auto text = text_to_sign(message);
  const auto hash = message.signature_version == 1 ? SignatureHash::sha1 : SignatureHash::sha256;
  const auto good = check_signature({text, message.signature, hash}, pem, clock_.now());
  const std::lock_guard lock(mutex_);
  if (!good) {
    certificates_.erase(message.certificate_url);  // it may have been replaced since
    return fail(Code::denied, good.error().message);
  }
  if (certificates_.size() >= most_certificates) certificates_.clear();
  certificates_[message.certificate_url] = pem;
  return {};
}

Result<> Topics::confirm(const SnsMessage& message) {
  TRY(check_sns_address(message.subscribe_url));
  TRY(fetch(message.subscribe_url));
  log_.info("subscription confirmed", {{"topic", message.topic}});
  return {};
}

void Topics::receive(const http::Request& request, http::Responder responder) {
  ingest_.count_one();
  const auto message = read_sns_message(request.body);
  if (!message) {
    const bool too_large = message.error().refusal == EventRefusal::too_large;
    return ingest_.refuse(std::move(responder), too_large ? 413 : 400, message.error().why);
  }
  if (const auto good = check(*message); !good) {
    return ingest_.refuse(std::move(responder), http_status(good.error().code),
                          good.error().message);
  }
  if (message->type == SnsType::notification)
    return ingest_.take(request.body, std::move(responder));
  if (message->type == SnsType::subscription_confirmation) {
    if (const auto done = confirm(*message); !done) {
      return ingest_.refuse(std::move(responder), http_status(done.error().code),
                            done.error().message);
    }
  } else {
    log_.warning("subscription ended", {{"topic", message->topic}});
  }
  responder.send(http::text_response(200, "ok\n"));
}

}  // namespace stepback
