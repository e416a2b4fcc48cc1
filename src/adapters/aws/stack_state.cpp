// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/stack_state.hpp"

#include <algorithm>

namespace stepback::aws {
namespace {

constexpr std::array data_bearing{
    "AWS::Backup::BackupVault",
    "AWS::Cassandra::Keyspace",
    "AWS::Cassandra::Table",
    "AWS::CloudFormation::Stack",
    "AWS::Cognito::IdentityPool",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::MSK::Cluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::S3Tables::TableBucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Database",
    "AWS::Timestream::Table",
};

}  // namespace

const std::vector<StackState>& stack_states() {
  using enum StackAnswer;
  static const std::vector<StackState> states{
      {"CREATE_IN_PROGRESS", wait, "it is being created"},
      {"CREATE_FAILED", people, "it could not be created; only deleting it is left"},
      {"CREATE_COMPLETE", go_on, "at rest"},
      {"ROLLBACK_IN_PROGRESS", wait, "its creation is being taken back"},
      {"ROLLBACK_FAILED", people, "its creation failed and could not be taken back"},
      {"ROLLBACK_COMPLETE", people, "its creation was taken back; only deleting it is left"},
      {"DELETE_IN_PROGRESS", people, "somebody is deleting it"},
      {"DELETE_FAILED", people, "it could not be deleted"},
      {"DELETE_COMPLETE", people, "it was deleted"},
      {"UPDATE_IN_PROGRESS", cancel_update, "it is being updated"},
      {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", wait, "what an update replaced is being removed"},
      {"UPDATE_COMPLETE", go_on, "at rest"},
      // Its rollback was switched off, so it stands where it failed; an update may start there.
      {"UPDATE_FAILED", go_on, "an update failed and was left as it is"},
      {"UPDATE_ROLLBACK_IN_PROGRESS", wait, "an update is being taken back"},
      {"UPDATE_ROLLBACK_FAILED", continue_rollback, "an update could not be taken back"},
      {"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", wait,
       "what an update made is being removed"},
      {"UPDATE_ROLLBACK_COMPLETE", go_on, "at rest, an update was taken back"},
      {"REVIEW_IN_PROGRESS", people, "it was never created: only a change set waits for review"},
      {"IMPORT_IN_PROGRESS", wait, "resources are being imported"},
      {"IMPORT_COMPLETE", go_on, "at rest"},
      {"IMPORT_ROLLBACK_IN_PROGRESS", wait, "an import is being taken back"},
      {"IMPORT_ROLLBACK_FAILED", people, "an import could not be taken back"},
      {"IMPORT_ROLLBACK_COMPLETE", go_on, "at rest, an import was taken back"},
  };
  return states;
}

StackState stack_state(std::string_view name) {
  const auto found = std::ranges::find(stack_states(), name, &StackState::name);
  if (found != stack_states().end()) return *found;
  return {name, StackAnswer::people, "a state that is not known here"};
}

std::string data_lost_by(const ResourceChange& change) {
  if (std::ranges::find(data_bearing, change.type) == data_bearing.end()) return "";
  const auto text = [&](std::string_view what) {
    return std::string(what) + " " + change.name + " (" + change.type + ")";
  };
  // A new one begins empty, whatever becomes of the old one.
  if (change.replacement == "True") return text("replaces");
  if (change.replacement == "Conditional") return text("may replace");
  if (change.action == "Remove" && change.kept != "Retain") return text("removes");
  if (change.action == "Dynamic") return text("may change");
  return "";
}

}  // namespace stepback::aws
