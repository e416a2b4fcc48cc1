// SPDX-License-Identifier: Apache-2.0
#pragma once

// A topic's delivery over HTTP: its fields, the text that its signature is of, and which addresses
// it may name. Called by the API, which asks for the certificate, holds the signature against it
// and the topic against the configuration; nothing in here has been proved by itself. Pure; usable
// from any thread.

#include <expected>
#include <string>
#include <string_view>

#include "base/names.hpp"
#include "base/result.hpp"
#include "signals/read.hpp"

namespace stepback {

enum class SnsType { notification, subscription_confirmation, unsubscribe_confirmation };
template <>
inline constexpr Names<SnsType, SnsType::unsubscribe_confirmation> names_of<SnsType>{
    "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"};

struct SnsMessage {
  SnsType type = SnsType::notification;
  std::string id;
  std::string topic;
  std::string subject;  // empty: none
  std::string message;
  std::string timestamp;      // as it is written, which is what was signed
  std::string token;          // of a confirmation
  std::string subscribe_url;  // of a confirmation
  int signature_version = 1;  // 1: SHA-1, 2: SHA-256
  std::string signature;      // base 64
  std::string certificate_url;

  bool operator==(const SnsMessage&) const = default;
};

std::expected<SnsMessage, RefusedEvent> read_sns_message(std::string_view bytes);

// Byte for byte what SNS signed.
std::string text_to_sign(const SnsMessage& message);

// denied: not https on sns.REGION.amazonaws.com (or .com.cn) without a port. Whatever is fetched
// from elsewhere is somebody else's.
Result<> check_sns_address(std::string_view url);
// As well: a path that ends in .pem, and nothing behind it.
Result<> check_certificate_address(std::string_view url);

}  // namespace stepback
