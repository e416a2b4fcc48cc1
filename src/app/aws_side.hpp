// SPDX-License-Identifier: Apache-2.0
#pragma once

// AwsSide: what answers in AWS, of everything the configuration names there. Made only where it
// names something, before the rest of the assembly; nothing is asked of AWS until it is needed.
// Owns its parts in the order in which they need each other. Any thread.

#include <memory>
#include <vector>

#include "adapters/aws/artifacts.hpp"
#include "adapters/aws/cloudformation.hpp"
#include "adapters/aws/cloudwatch.hpp"
#include "adapters/aws/codebuild.hpp"
#include "adapters/aws/codepipeline.hpp"
#include "adapters/aws/lambda.hpp"
#include "adapters/aws/live_version.hpp"
#include "adapters/aws/logs.hpp"
#include "adapters/aws/metrics.hpp"
#include "adapters/aws/shelf.hpp"
#include "adapters/aws/sqs.hpp"
#include "adapters/aws/store.hpp"
#include "adapters/aws/transport.hpp"
#include "adapters/aws/wiring.hpp"
#include "app/by_environment.hpp"
#include "app/config.hpp"

namespace stepback {

class AwsSide {
 public:
  // invalid: no region anywhere, or a setting that makes no sense together with another.
  static Result<std::unique_ptr<AwsSide>> make(const Config& config, const Variables& variables,
                                               const Clock& clock, Waiter& waiter);

  aws::DynamoStore* store() { return store_.get(); }  // null: the records lie elsewhere
  Incidents* incidents() { return incidents_.get(); }
  Elsewhere elsewhere();
  // The channels of the configuration that are in AWS.
  std::unique_ptr<Notifier> channel(const NotifyConfig& notify);
  // What opens a pipeline again that a rollback closed; null where none is ever closed.
  std::unique_ptr<Notifier> thaw();
  // Has a rollback taken up again by whoever reads the environment's queue.
  Result<> wake(const Environment& environment, const RollbackId& id, Duration delay);

 private:
  AwsSide(const Config& config, const Variables& variables, const Clock& clock, Waiter& waiter);
  Result<> make_services();
  Result<> make_parts(const Variables& variables);
  Result<std::unique_ptr<aws::Service>> service(const aws::Dialect& dialect);

  const Config& config_;
  const Clock& clock_;
  Waiter& waiter_;
  aws::Transport transport_;
  aws::Transport to_credentials_;  // those of an instance or a task have link-local addresses
  aws::Surroundings around_;
  aws::CredentialSource credentials_;
  aws::Connection connection_;
  std::unique_ptr<aws::Service> dynamodb_, s3_service_, monitoring_, log_service_, sns_, sqs_;
  std::unique_ptr<aws::Service> codepipeline_, codebuild_, cloudformation_, lambda_;
  std::unique_ptr<aws::Service> events_, identity_;
  std::unique_ptr<aws::DynamoDb> table_;
  std::unique_ptr<aws::DynamoStore> store_;
  std::unique_ptr<aws::FunctionVersions> functions_;
  std::unique_ptr<aws::CodeBuilds> builds_;
  std::unique_ptr<aws::S3> s3_;
  std::unique_ptr<aws::S3Artifacts> artifacts_;
  std::unique_ptr<aws::S3Shelf> shelf_;
  std::unique_ptr<aws::LiveFunction> live_function_;
  std::unique_ptr<aws::S3LiveVersion> served_;
  std::unique_ptr<aws::InfrastructureByBuild> infrastructure_builds_;
  std::unique_ptr<aws::InfrastructureByStack> infrastructure_stacks_;
  std::unique_ptr<aws::CodePipelines> pipelines_;
  std::unique_ptr<aws::CloudWatchAlarms> alarms_;
  std::unique_ptr<aws::CloudWatchLogs> logs_;
  std::unique_ptr<aws::WorkQueue> queue_;
  std::unique_ptr<aws::AwsWiring> wiring_;
  std::unique_ptr<Incidents> incidents_;
};

}  // namespace stepback
