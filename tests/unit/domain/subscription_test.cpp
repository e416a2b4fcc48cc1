// SPDX-License-Identifier: Apache-2.0
#include "domain/subscription.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

Notice a_notice(NoticeKind kind = NoticeKind::rollback_escalated) {
  Notice notice{.key = "n-1", .kind = kind};
  notice.environment = {"production"};
  return notice;
}

TEST(SubscriptionTest, ChoosesByEnvironmentAndKind) {
  EXPECT_TRUE(Subscription{}.wants(a_notice()));
  EXPECT_TRUE((Subscription{.environments = {{"test"}, {"production"}}}.wants(a_notice())));
  EXPECT_FALSE((Subscription{.environments = {{"test"}}}.wants(a_notice())));
  EXPECT_TRUE((Subscription{.kinds = {NoticeKind::rollback_escalated}}.wants(a_notice())));
  EXPECT_FALSE((Subscription{.kinds = {NoticeKind::rollback_started}}.wants(a_notice())));
}

TEST(SubscriptionTest, TellsOfTheEndOfADeploymentOnlyThoseWhoAskForIt) {
  const auto ended = a_notice(NoticeKind::deployment_ended);
  EXPECT_FALSE(Subscription{}.wants(ended));
  EXPECT_TRUE((Subscription{.kinds = {NoticeKind::deployment_ended}}.wants(ended)));
}

}  // namespace
}  // namespace stepback
