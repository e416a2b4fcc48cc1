// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/sqs.hpp"

#include <gtest/gtest.h>

#include "support/pretend_aws.hpp"

namespace stepback::aws {
namespace {

const Environment production{"production"};
const RollbackId rollback{"rb-1"};
constexpr auto the_url = R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q"})";

class WorkQueueTest : public ::testing::Test {
 protected:
  Result<> send(Duration delay = seconds(60)) {
    return queue_.send(production, rollback, delay, "look");
  }
  std::int64_t delay_sent() {
    const auto parameters = aws_.parameters(aws_.sent.size() - 1);
    return json::Reader(parameters).integer("DelaySeconds").value_or(-1);
  }

  PretendAws aws_;
  WorkQueue queue_{aws_.speak(WorkQueue::dialect), {.queue = "work-{environment}"}};
};

TEST_F(WorkQueueTest, SaysThatThereIsNoSuchQueue) {
  for (const auto* type :
       {"com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}) {
    aws_.forgets();
    aws_.refuses(type);
    const auto sent = send();
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error(), (Error{Code::not_found, "there is no queue work-production"}));
  }
}

TEST_F(WorkQueueTest, SendsToTheQueueThatHasTheName) {
  aws_.says(the_url);
  aws_.says(R"({"MessageId":"m-1"})");
  ASSERT_TRUE(send());
  ASSERT_EQ(aws_.sent.size(), 2u);
  EXPECT_EQ(aws_.operation(0), "AmazonSQS.GetQueueUrl");
  EXPECT_EQ(aws_.body(0), R"({"QueueName":"work-production"})");
  EXPECT_EQ(aws_.operation(1), "AmazonSQS.SendMessage");
  EXPECT_EQ(aws_.body(1), R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q",)"
                          R"("MessageBody":"look","DelaySeconds":60,"MessageAttributes":)"
                          R"({"rollback":{"DataType":"String","StringValue":"rb-1"}}})");
}

TEST_F(WorkQueueTest, AsksForTheAddressOnceAndAgainWhenItIsGone) {
  aws_.says(the_url);
  aws_.says(R"({"MessageId":"m-1"})");
  ASSERT_TRUE(send());
  ASSERT_TRUE(send());
  EXPECT_EQ(aws_.sent.size(), 3u);
  aws_.forgets();
  aws_.refuses("QueueDoesNotExist");
  aws_.says(the_url);
  aws_.says(R"({"MessageId":"m-2"})");
  EXPECT_FALSE(send());
  EXPECT_TRUE(send());
  EXPECT_EQ(aws_.operation(1), "AmazonSQS.GetQueueUrl");
}

TEST_F(WorkQueueTest, DelaysByWholeSecondsUpToAQuarterOfAnHour) {
  aws_.says(the_url);
  aws_.says(R"({"MessageId":"m-1"})");
  ASSERT_TRUE(send(Duration(1)));
  EXPECT_EQ(delay_sent(), 1);
  ASSERT_TRUE(send(seconds(-5)));
  EXPECT_EQ(delay_sent(), 0);
  ASSERT_TRUE(send(hours(2)));
  EXPECT_EQ(delay_sent(), 900);
}

TEST_F(WorkQueueTest, CountsWhatNobodyCouldDealWith) {
  aws_.says(the_url);
  aws_.says(R"({"Attributes":{"ApproximateNumberOfMessages":"3"}})");
  EXPECT_EQ(queue_.dead_letters(production).value(), 3);
  EXPECT_EQ(aws_.body(1), R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q",)"
                          R"("AttributeNames":["ApproximateNumberOfMessages"]})");
}

TEST_F(WorkQueueTest, TakesNoCountThatIsNone) {
  aws_.says(the_url);
  aws_.says(R"({"Attributes":{"ApproximateNumberOfMessages":"many"}})");
  EXPECT_FALSE(queue_.dead_letters(production));
}

TEST_F(WorkQueueTest, HasNoDeadLettersWhereThereIsNoQueueForThem) {
  WorkQueue queue(aws_.speak(WorkQueue::dialect), {.dead_letters = ""});
  EXPECT_EQ(queue.dead_letters(production).value(), 0);
  EXPECT_TRUE(aws_.sent.empty());
}

}  // namespace
}  // namespace stepback::aws
