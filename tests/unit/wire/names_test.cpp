// SPDX-License-Identifier: Apache-2.0
#include "wire/names.hpp"

#include <gtest/gtest.h>

#include "domain/alarm.hpp"

namespace stepback {
namespace {

const Environment production{"production"};

TEST(OutsideNames, AreThoseOfTheRunbookByDefault) {
  const OutsideNames names;
  EXPECT_EQ(names.pipeline(production), "kiro-pipeline-production");
  EXPECT_EQ(names.deployments(production), "kiro-pipeline-production-deployments");
  EXPECT_EQ(names.artifacts(production), "kiro-pipeline-production-artifacts");
  EXPECT_EQ(names.live_artifacts(production), "kiro-worker-production-artifacts");
  EXPECT_EQ(names.notices(production), "kiro-pipeline-production-rollbacks");
  EXPECT_EQ(names.rollback_function(production), "kiro-pipeline-production-rollback");
  EXPECT_EQ(names.alarm_rule(production), "kiro-pipeline-production-alarm-rule");
  EXPECT_EQ(names.build_project(production), "kiro-worker-production");
}

TEST(OutsideNames, FollowThePrefixOfTheConfiguration) {
  const OutsideNames names("shop");
  EXPECT_EQ(names.deployments(production), "shop-pipeline-production-deployments");
  EXPECT_EQ(names.live_artifacts(production), "shop-worker-production-artifacts");
}

TEST(OutsideNames, OfAlarmsMatchTheAlarmRulesOfTheSamePrefix) {
  const OutsideNames names("shop");
  const Environments environments{{"prod"}, production};
  const auto rules = default_alarm_rules(names.prefix());
  const auto brake =
      match_alarm(names.pipeline_alarm(production, "rollbacks"), environments, rules);
  ASSERT_TRUE(brake);
  EXPECT_EQ(brake->environment, production);
  EXPECT_TRUE(brake->roles.brake);
  const auto errors = match_alarm(names.worker_alarm(production, "errors"), environments, rules);
  ASSERT_TRUE(errors);
  EXPECT_TRUE(errors->roles.trigger);
}

TEST(OutsideNames, ReadAPipelineNameBack) {
  const OutsideNames names("shop");
  for (const auto* environment : {"test", "prod-eu", "a"}) {
    EXPECT_EQ(names.environment_of_pipeline(names.pipeline({environment})),
              Environment{environment});
  }
  EXPECT_EQ(names.environment_of_pipeline("kiro-pipeline-test"), std::nullopt);
  EXPECT_EQ(names.environment_of_pipeline("shop-pipeline-"), std::nullopt);
  EXPECT_EQ(names.environment_of_pipeline("shop-pipeline-Test"), std::nullopt);
}

TEST(OutsideNames, RefuseAPrefixThatNoNameCouldBeginWith) {
  EXPECT_EQ(parse_prefix("my-shop2").value(), "my-shop2");
  for (const auto* text : {"", "Shop", "2shop", "shop-", "sh op", "shop/../x", "-shop"}) {
    EXPECT_FALSE(parse_prefix(text)) << text;
  }
  EXPECT_FALSE(parse_prefix(std::string(33, 'a')));
}

}  // namespace
}  // namespace stepback
