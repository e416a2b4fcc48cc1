// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/stack_state.hpp"

#include <gtest/gtest.h>

#include <map>

namespace stepback::aws {
namespace {

TEST(StackState, EveryStateOfAStackHasItsAnswer) {
  using enum StackAnswer;
  const std::map<std::string_view, StackAnswer> expected{
      {"CREATE_IN_PROGRESS", wait},
      {"CREATE_FAILED", people},
      {"CREATE_COMPLETE", go_on},
      {"ROLLBACK_IN_PROGRESS", wait},
      {"ROLLBACK_FAILED", people},
      {"ROLLBACK_COMPLETE", people},
      {"DELETE_IN_PROGRESS", people},
      {"DELETE_FAILED", people},
      {"DELETE_COMPLETE", people},
      {"UPDATE_IN_PROGRESS", cancel_update},
      {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", wait},
      {"UPDATE_COMPLETE", go_on},
      {"UPDATE_FAILED", go_on},
      {"UPDATE_ROLLBACK_IN_PROGRESS", wait},
      {"UPDATE_ROLLBACK_FAILED", continue_rollback},
      {"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", wait},
      {"UPDATE_ROLLBACK_COMPLETE", go_on},
      {"REVIEW_IN_PROGRESS", people},
      {"IMPORT_IN_PROGRESS", wait},
      {"IMPORT_COMPLETE", go_on},
      {"IMPORT_ROLLBACK_IN_PROGRESS", wait},
      {"IMPORT_ROLLBACK_FAILED", people},
      {"IMPORT_ROLLBACK_COMPLETE", go_on},
  };
  EXPECT_EQ(stack_states().size(), expected.size());
  for (const auto& [status, answer] : expected) EXPECT_EQ(stack_state(status).answer, answer);
  EXPECT_EQ(stack_state("SOMETHING_NEW").answer, people);
}

TEST(StackState, WhatMayBeReplacedOrIsNotKnownYetCountsAsLost) {
  EXPECT_EQ(data_lost_by({.action = "Remove",
                          .replacement = "",
                          .kept = "Delete",
                          .type = "AWS::DynamoDB::Table",
                          .name = "Deployments"}),
            "removes Deployments (AWS::DynamoDB::Table)");
  EXPECT_EQ(data_lost_by({.action = "Dynamic",
                          .replacement = "",
                          .kept = "",
                          .type = "AWS::S3::Bucket",
                          .name = "Files"}),
            "may change Files (AWS::S3::Bucket)");
  EXPECT_EQ(data_lost_by({.action = "Modify",
                          .replacement = "Conditional",
                          .kept = "",
                          .type = "AWS::S3::Bucket",
                          .name = "Files"}),
            "may replace Files (AWS::S3::Bucket)");
}

}  // namespace
}  // namespace stepback::aws
