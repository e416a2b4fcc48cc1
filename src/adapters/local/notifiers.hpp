// SPDX-License-Identifier: Apache-2.0
#pragma once

// Channels to people from one machine: a file that grows by a line, a webhook, a command. Each says
// the same of a notice (wire/notice) and passes its key on, so that hearing it twice can be told
// from two things. Used by the courier, one thread at a time.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "base/time.hpp"
#include "domain/subscription.hpp"
#include "http/client.hpp"
#include "ports/outreach.hpp"
#include "wire/notice_formats.hpp"

namespace stepback::local {

using stepback::Subscription;

struct FileNotifierConfig {
  Subscription subscription;
  std::string path;
  NoticeStyle style;
};

// Appends one line of JSON: the key, when, the subject and the notice. Flushed; 0600.
class FileNotifier final : public Notifier {
 public:
  explicit FileNotifier(FileNotifierConfig config) : config_(std::move(config)) {}
  std::string_view name() const override { return config_.subscription.name; }
  bool wants(const Notice& notice) const override { return config_.subscription.wants(notice); }
  Result<> tell(const Notice& notice) override;

 private:
  FileNotifierConfig config_;
};

struct WebhookConfig {
  Subscription subscription;
  http::Url url;
  Secret secret;  // empty: not signed; for PagerDuty its routing key
  NoticeFormat format = NoticeFormat::stepback;
  Duration within = seconds(5);
  NoticeStyle style;
  http::Client::Options client;
};

// POSTs the notice's JSON with these headers:
//   Idempotency-Key        the notice's key
//   X-Stepback-Event       "rollback_started"
//   X-Stepback-Timestamp   seconds since 1970
//   X-Stepback-Signature   v1=<hex of HMAC-SHA256(secret, timestamp "." body)>, if there is a
//   secret
// In another format: the body that the service wants, and only what it is told of; none is signed.
// Any 2xx is success. unavailable: no answer, 408, 425, 429 or 5xx; denied: 401 or 403; any other
// status, a redirect among them, is invalid.
class WebhookNotifier final : public Notifier {
 public:
  WebhookNotifier(WebhookConfig config, const Clock& clock);
  std::string_view name() const override { return config_.subscription.name; }
  bool wants(const Notice& notice) const override { return config_.subscription.wants(notice); }
  Result<> tell(const Notice& notice) override;

 private:
  WebhookConfig config_;
  const Clock& clock_;
  http::Client client_;
};

struct CommandNotifierConfig {
  Subscription subscription;
  std::vector<std::string> arguments;  // with {environment} and {event}
  std::vector<std::pair<std::string, std::string>> variables;
  bool as_json = false;  // what it reads: the JSON instead of the text
  Duration limit = seconds(10);
  NoticeStyle style;
};

// Runs a command that reads the message. In its environment: STEPBACK_KEY, STEPBACK_EVENT,
// STEPBACK_SUBJECT, STEPBACK_SEVERITY, STEPBACK_ENVIRONMENT and, if there is one,
// STEPBACK_ROLLBACK. Status 75 asks to be told again later.
class CommandNotifier final : public Notifier {
 public:
  CommandNotifier(CommandNotifierConfig config, const Clock& clock)
      : config_(std::move(config)), clock_(clock) {}
  std::string_view name() const override { return config_.subscription.name; }
  bool wants(const Notice& notice) const override { return config_.subscription.wants(notice); }
  Result<> tell(const Notice& notice) override;

 private:
  CommandNotifierConfig config_;
  const Clock& clock_;
};

}  // namespace stepback::local
