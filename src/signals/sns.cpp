// SPDX-License-Identifier: Apache-2.0
#include "signals/sns.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "signals/fields.hpp"

namespace stepback {
namespace {

using namespace signals;

constexpr std::size_t longest_address = 2048;
constexpr std::size_t longest_signature = 2048;
constexpr std::size_t longest_subject = 1024;
constexpr std::size_t longest_topic = 512;

// What was signed is taken as it stands: any bytes that JSON can carry.
Checked<std::string> raw_text(const json::Reader& body, std::string_view key) {
  if (!body.has(key))
    return refused(EventRefusal::missing_field, body.wrong(key, "is missing").message);
  auto text = body.text(key);
  if (!text) return refused(EventRefusal::wrong_field, text.error().message);
  return *std::move(text);
}

Checked<SnsMessage> read_message(const json::Reader& body) {
  SnsMessage message;
  const auto type = named<SnsType>(TRY(text_of(body, "Type")));
  if (!type) {
    return refused(EventRefusal::wrong_field,
                   body.wrong("Type", "expected Notification or a confirmation").message);
  }
  message.type = *type;
  message.id = TRY(text_of(body, "MessageId"));
  message.topic = TRY(text_of(body, "TopicArn", longest_topic));
  message.message = TRY(raw_text(body, "Message"));
  message.timestamp = TRY(text_of(body, "Timestamp"));
  message.subject = TRY(text_or_none(body, "Subject", longest_subject));
  if (*type != SnsType::notification) {
    message.token = TRY(text_of(body, "Token", longest_address));
    message.subscribe_url = TRY(text_of(body, "SubscribeURL", longest_address));
  }
  const auto version = TRY(text_of(body, "SignatureVersion"));
  if (version != "1" && version != "2") {
    return refused(EventRefusal::wrong_field,
                   body.wrong("SignatureVersion", "expected 1 or 2").message);
  }
  message.signature_version = version == "1" ? 1 : 2;
  message.signature = TRY(text_of(body, "Signature", longest_signature));
  message.certificate_url = TRY(text_of(body, "SigningCertURL", longest_address));
  return message;
}

// What follows "https://HOST", or nothing where the host is not a region's SNS.
std::optional<std::string_view> path_on_sns(std::string_view url) {
  constexpr std::string_view begin = "https://sns.";
  if (!url.starts_with(begin) || url.size() > longest_address) return std::nullopt;
  url.remove_prefix(begin.size());
  const auto slash = url.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto host = url.substr(0, slash);
  const auto dot = host.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto region = host.substr(0, dot);
  const auto domain = host.substr(dot);
  const bool is_region = !region.empty() && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!is_region || (domain != ".amazonaws.com" && domain != ".amazonaws.com.cn"))
    return std::nullopt;
  return url.substr(slash);
}

bool is_plain_path(std::string_view path) {
  return !path.contains("..") && std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  });
}

}  // namespace

std::expected<SnsMessage, RefusedEvent> read_sns_message(std::string_view bytes) {
  if (bytes.size() > event_limits.bytes)
    return refused(EventRefusal::too_large,
                   fmt::format("the message has {} bytes: at most {} are read", bytes.size(),
                               event_limits.bytes));
  const auto document = json::parse(bytes, event_limits);
  if (!document) return refused(EventRefusal::not_json, document.error().message);
  const json::Reader body(*document);
  if (const auto object = body.as_object(); !object)
    return refused(EventRefusal::wrong_field, object.error().message);
  return read_message(body);
}

std::string text_to_sign(const SnsMessage& message) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append("\n").append(value).append("\n");
  };
  add("Message", message.message);
  add("MessageId", message.id);
  if (message.type == SnsType::notification) {
    if (!message.subject.empty()) add("Subject", message.subject);
    add("Timestamp", message.timestamp);
  } else {
    add("SubscribeURL", message.subscribe_url);
    add("Timestamp", message.timestamp);
    add("Token", message.token);
  }
  add("TopicArn", message.topic);
  add("Type", name_of(message.type));
  return text;
}

Result<> check_sns_address(std::string_view url) {
  if (path_on_sns(url)) return {};
  return fail(Code::denied, "not an address of SNS: https://sns.REGION.amazonaws.com/...");
}

Result<> check_certificate_address(std::string_view url) {
  const auto path = path_on_sns(url);
  if (path && path->ends_with(".pem") && is_plain_path(*path)) return {};
  return fail(Code::denied, "not a certificate of SNS: https://sns.REGION.amazonaws.com/....pem");
}

}  // namespace stepback
