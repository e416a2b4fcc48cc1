// SPDX-License-Identifier: Apache-2.0
#pragma once

// WorkQueue: wakes whoever carries a rollback on, through an SQS queue for each environment. A
// message only says "look at this rollback"; what is to be done is in the store. So one that comes
// twice, late or after the rollback's end does no harm, and a lost answer is simply sent again.
//
// Any thread.

#include <map>
#include <mutex>
#include <string>

#include "adapters/aws/service.hpp"
#include "domain/deployment.hpp"

namespace stepback::aws {

struct WorkQueueConfig {
  std::string queue = "kiro-pipeline-{environment}-rollbacks";  // its name, with {environment}
  // Where SQS puts what was taken too often and never done; empty: there is none.
  std::string dead_letters = "kiro-pipeline-{environment}-rollbacks-dead";
};

class WorkQueue {
 public:
  static constexpr Dialect dialect{
      .id = "sqs", .signing = "", .target = "AmazonSQS", .version = "1.0"};

  WorkQueue(Service& service, WorkQueueConfig config)
      : service_(service), config_(std::move(config)) {}

  // Seen by a reader after `delay`, at most 15 minutes: for longer, wake, look and send again. The
  // id goes along as the attribute "rollback". not_found: there is no such queue.
  Result<> send(const Environment& environment, const RollbackId& rollback, Duration delay,
                const std::string& text);

  // Approximately: how many messages nobody could deal with. 0 where there is no such queue by
  // configuration; not_found where there should be one.
  Result<std::int64_t> dead_letters(const Environment& environment);

 private:
  Result<std::string> url_of(const std::string& name);
  Answer<json::Value> call(const std::string& name, std::string_view operation,
                           json::Object parameters);

  Service& service_;
  WorkQueueConfig config_;
  std::mutex mutex_;                         // guards the one below
  std::map<std::string, std::string> urls_;  // by name, as far as asked
};

}  // namespace stepback::aws
