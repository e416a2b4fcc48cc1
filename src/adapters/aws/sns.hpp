// SPDX-License-Identifier: Apache-2.0
#pragma once

// SnsNotifier: a channel that publishes to the topic of the notice's environment. The message is
// the notice's JSON, which begins with the runbook's eight keys; event, environment and severity go
// along as attributes, so that a subscription can filter by them. A FIFO topic tells a notice once
// within five minutes by itself; otherwise once and again is the outbox's business.
//
// Used by the courier, one thread at a time.

#include <string>
#include <string_view>

#include "adapters/aws/service.hpp"
#include "domain/subscription.hpp"
#include "ports/outreach.hpp"
#include "wire/notice.hpp"

namespace stepback::aws {

struct SnsNotifierConfig {
  Subscription subscription;
  // With {environment}: "arn:aws:sns:us-east-1:123456789012:kiro-pipeline-{environment}-rollbacks".
  std::string topic;
  NoticeStyle style;
};

class SnsNotifier final : public Notifier {
 public:
  static constexpr Dialect dialect{
      .id = "sns", .signing = "", .target = "", .version = "2010-03-31"};

  SnsNotifier(Service& service, SnsNotifierConfig config)
      : service_(service), config_(std::move(config)) {}

  std::string_view name() const override { return config_.subscription.name; }
  bool wants(const Notice& notice) const override { return config_.subscription.wants(notice); }
  // invalid: longer than a message may be. not_found: there is no such topic.
  Result<> tell(const Notice& notice) override;

 private:
  Service& service_;
  SnsNotifierConfig config_;
};

}  // namespace stepback::aws
