// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/cloudformation.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/digest.hpp"
#include "unit/aws/delivery_fixture.hpp"

namespace stepback::aws {
namespace {

constexpr auto stack_id = "arn:aws:cloudformation:eu-central-1:1:stack/App-test/1";

std::string result(const std::string& operation, const std::string& inner) {
  return "<" + operation + "Response><" + operation + "Result>" + inner + "</" + operation +
         "Result></" + operation + "Response>";
}
std::string stack(const std::string& status, const std::string& last_change_set = "") {
  std::string arn;
  if (!last_change_set.empty())
    arn = "<ChangeSetId>arn:aws:cloudformation:eu-central-1:1:changeSet/" + last_change_set +
          "/uuid</ChangeSetId>";
  return result("DescribeStacks",
                "<Stacks><member><StackId>" + std::string(stack_id) + "</StackId><StackStatus>" +
                    status + "</StackStatus>" + arn +
                    "<Parameters><member><ParameterKey>Kept</ParameterKey></member>"
                    "<member><ParameterKey>Gone</ParameterKey></member></Parameters>"
                    "</member></Stacks>");
}
std::string change_set(const std::string& status, const std::string& execution,
                       const std::string& more = "") {
  return result("DescribeChangeSet", "<Status>" + status + "</Status><ExecutionStatus>" +
                                         execution + "</ExecutionStatus>" + more);
}
std::string resource(const std::string& action, const std::string& type,
                     const std::string& replacement = "", const std::string& policy = "") {
  return "<Changes><member><ResourceChange><Action>" + action +
         "</Action><LogicalResourceId>It"
         "</LogicalResourceId><ResourceType>" +
         type + "</ResourceType><Replacement>" + replacement + "</Replacement><PolicyAction>" +
         policy + "</PolicyAction></ResourceChange></member></Changes>";
}
std::string event(const std::string& status, const std::string& token,
                  const std::string& reason = "") {
  return "<member><StackId>" + std::string(stack_id) + "</StackId><PhysicalResourceId>" + stack_id +
         "</PhysicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType>"
         "<LogicalResourceId>App-test</LogicalResourceId><ResourceStatus>" +
         status + "</ResourceStatus><ClientRequestToken>" + token +
         "</ClientRequestToken>"
         "<ResourceStatusReason>" +
         reason + "</ResourceStatusReason></member>";
}
std::string events(const std::string& list) {
  return result("DescribeStackEvents", "<StackEvents>" + list + "</StackEvents>");
}
std::string sets(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names)
    list += "<member><ChangeSetName>" + name + "</ChangeSetName></member>";
  return result("ListChangeSets", "<Summaries>" + list + "</Summaries>");
}
std::string error(const std::string& code, const std::string& message) {
  return "<ErrorResponse><Error><Code>" + code + "</Code><Message>" + message +
         "</Message></Error></ErrorResponse>";
}

class CloudFormation : public DeliveryTest {
 protected:
  CloudFormation() : DeliveryTest(InfrastructureByStack::dialect) {
    says("DescribeStackEvents", events(""));
    says("ListChangeSets", sets({}));
    says("GetTemplateSummary",
         result("GetTemplateSummary",
                "<Parameters><member><ParameterKey>Kept</ParameterKey></member><member>"
                "<ParameterKey>New</ParameterKey></member></Parameters>"));
    says("CreateChangeSet", result("CreateChangeSet", ""));
    says("ExecuteChangeSet", result("ExecuteChangeSet", ""));
    says("CancelUpdateStack", result("CancelUpdateStack", ""));
    says("ContinueUpdateRollback", result("ContinueUpdateRollback", ""));
    says("DeleteChangeSet", result("DeleteChangeSet", ""));
  }
  InfrastructureByStack make(StackSource source = {.environment = {"test"},
                                                   .stacks = {"App-{environment}"}}) {
    return InfrastructureByStack({.sources = {std::move(source)}, .region = "eu-central-1"},
                                 *service);
  }
  void no_change_set() {
    forget("DescribeChangeSet");
    says("DescribeChangeSet", error("ChangeSetNotFound", "ChangeSet does not exist"), 404);
  }
  void sees(const std::string& stack_answer) {
    forget("DescribeStacks");
    says("DescribeStacks", stack_answer);
  }
  void sees_set(const std::string& set_answer) {
    forget("DescribeChangeSet");
    says("DescribeChangeSet", set_answer);
  }
  void sees_events(const std::string& list) {
    forget("DescribeStackEvents");
    says("DescribeStackEvents", events(list));
  }
  std::size_t changes() const {
    return times("CreateChangeSet") + times("ExecuteChangeSet") + times("CancelUpdateStack") +
           times("ContinueUpdateRollback") + times("DeleteChangeSet");
  }

  const InfrastructureChange change{.environment = {"test"},
                                    .infrastructure_version = "abc123",
                                    .version = {"v41"},
                                    .operation = 7,
                                    .key = "rb-1/stage/test/infrastructure/7"};
  const std::string name = "stepback-7-" + sha256_hex(change.key).substr(0, 24);
};

TEST_F(CloudFormation, MakesAChangeSetNamedByTheKeyFromTheKeptTemplate) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().revert(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  const auto sent = body("CreateChangeSet");
  EXPECT_NE(sent.find("&StackName=App-test&ChangeSetName=" + name + "&ChangeSetType=UPDATE" +
                      "&ClientToken=" + name),
            std::string::npos)
      << sent;
  EXPECT_NE(sent.find("&TemplateURL=https%3A%2F%2Fkiro-pipeline-test-artifacts.s3.eu-central-1."
                      "amazonaws.com%2Fv41%2Finfrastructure%2FApp-test.template.json&"),
            std::string::npos);
  EXPECT_NE(sent.find("Parameters.member.1.ParameterKey=Kept&Parameters.member.1.UsePreviousValue="
                      "true"),
            std::string::npos);
  EXPECT_EQ(sent.find("Gone"), std::string::npos);
  EXPECT_EQ(sent.find("New"), std::string::npos);
}

TEST_F(CloudFormation, LookingMakesNoChangeSet) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().look(change);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->progress, Progress::not_started);
  EXPECT_EQ(changes(), 0u);
}

TEST_F(CloudFormation, LookingCarriesOutWhatWasBegun) {
  sees_set(change_set("CREATE_COMPLETE", "AVAILABLE", resource("Modify", "AWS::Lambda::Function")));
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().look(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_NE(body("ExecuteChangeSet").find("&ClientRequestToken=" + name), std::string::npos);
}

TEST_F(CloudFormation, NoChangesIsDone) {
  sees_set(change_set("FAILED", "UNAVAILABLE",
                      "<StatusReason>The submitted information didn't contain changes."
                      "</StatusReason>"));
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().look(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::done);
  EXPECT_EQ(changes(), 0u);
}

TEST_F(CloudFormation, AChangeSetThatCantBeMadeIsAnErrorWithItsReason) {
  sees_set(change_set("FAILED", "UNAVAILABLE", "<StatusReason>no such bucket</StatusReason>"));
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().look(change);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("no such bucket"), std::string::npos);
}

TEST_F(CloudFormation, LosingDataIsRefusedWithTheListUnlessAllowed) {
  struct Case {
    std::string change;
    bool lost;
  };
  const std::vector<Case> cases{
      {resource("Remove", "AWS::DynamoDB::Table", "", "Delete"), true},
      {resource("Remove", "AWS::DynamoDB::Table", "", "Snapshot"), true},
      {resource("Remove", "AWS::DynamoDB::Table", "", "Retain"), false},
      {resource("Modify", "AWS::S3::Bucket", "True", "ReplaceAndRetain"), true},
      {resource("Modify", "AWS::S3::Bucket", "Conditional"), true},
      {resource("Modify", "AWS::S3::Bucket", "False"), false},
      {resource("Modify", "AWS::IAM::Policy", "True"), false},
      {resource("Remove", "AWS::CloudWatch::Alarm"), false},
      {resource("Remove", "AWS::CloudFormation::Stack"), true},
      {resource("Add", "AWS::DynamoDB::Table"), false},
  };
  sees(stack("UPDATE_COMPLETE"));
  for (const auto& each : cases) {
    sees_set(change_set("CREATE_COMPLETE", "AVAILABLE", each.change));
    const auto before = times("ExecuteChangeSet");
    const auto report = make().look(change);
    EXPECT_EQ(!report, each.lost) << each.change;
    EXPECT_EQ(times("ExecuteChangeSet"), before + (each.lost ? 0 : 1)) << each.change;
    if (report) continue;
    EXPECT_EQ(report.error().code, Code::denied);
    EXPECT_NE(report.error().message.find("It (AWS::"), std::string::npos);
  }
  sees_set(change_set("CREATE_COMPLETE", "AVAILABLE", cases[0].change));
  EXPECT_TRUE(make({.environment = {"test"}, .stacks = {"App-test"}, .data_loss_allowed = true})
                  .look(change));
}

TEST_F(CloudFormation, TheSecondPageOfAChangeSetIsReadToo) {
  forget("DescribeChangeSet");
  says("DescribeChangeSet", change_set("CREATE_COMPLETE", "AVAILABLE", "<NextToken>2</NextToken>"));
  says("DescribeChangeSet", change_set("CREATE_COMPLETE", "AVAILABLE",
                                       resource("Remove", "AWS::RDS::DBInstance", "", "Delete")));
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().look(change);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::denied);
  EXPECT_NE(body("DescribeChangeSet").find("NextToken=2"), std::string::npos);
}

TEST_F(CloudFormation, WhatWasCarriedOutIsJudgedByItsStack) {
  const std::map<std::string, std::string> expected{
      {"UPDATE_IN_PROGRESS", "under_way"},
      {"UPDATE_COMPLETE", "done"},
      {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "done"},
      {"UPDATE_ROLLBACK_IN_PROGRESS", "under_way"},
      {"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "under_way"},
      {"UPDATE_ROLLBACK_COMPLETE", "invalid"},
      {"UPDATE_FAILED", "invalid"},
      {"DELETE_IN_PROGRESS", "invalid"},
      {"UPDATE_ROLLBACK_FAILED", "under_way"},
  };
  no_change_set();
  for (const auto& [status, what] : expected) {
    sees(stack(status, name));
    const auto report = make().look(change);
    const std::string seen = !report ? std::string(name_of(report.error().code))
                             : report->progress == Progress::done      ? "done"
                             : report->progress == Progress::under_way ? "under_way"
                                                                       : "not_started";
    EXPECT_EQ(seen, what) << status;
  }
  EXPECT_EQ(times("CreateChangeSet") + times("ExecuteChangeSet") + times("CancelUpdateStack"), 0u);
}

TEST_F(CloudFormation, WhatWasCarriedOutIsFoundByItsEventsToo) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE"));
  sees_events(event("UPDATE_COMPLETE", name) + event("UPDATE_IN_PROGRESS", name));
  const auto report = make().look(change);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->progress, Progress::done);
}

TEST_F(CloudFormation, AFailedChangeSaysWhatFailedFirst) {
  no_change_set();
  sees(stack("UPDATE_ROLLBACK_COMPLETE", name));
  sees_events(event("UPDATE_FAILED", name, "Resource update cancelled") +
              event("UPDATE_FAILED", name, "the queue is too old") +
              event("UPDATE_IN_PROGRESS", name) + event("UPDATE_FAILED", "x", "of another time"));
  const auto report = make().look(change);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("the queue is too old"), std::string::npos)
      << report.error().message;
}

TEST_F(CloudFormation, ADeploymentsUpdateIsCancelled) {
  no_change_set();
  sees(stack("UPDATE_IN_PROGRESS", "cdk-deploy-change-set"));
  const auto report = make().revert(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_EQ(times("CancelUpdateStack"), 1u);
  EXPECT_EQ(times("CreateChangeSet"), 0u);
}

TEST_F(CloudFormation, SomebodyElsesUpdateIsWaitedFor) {
  no_change_set();
  sees(stack("UPDATE_IN_PROGRESS", "by-hand"));
  sees_events(event("UPDATE_IN_PROGRESS", "Console-1"));
  const auto report = make().revert(change);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_NE(report->detail.find("Console-1"), std::string::npos);
  EXPECT_EQ(changes(), 0u);
}

TEST_F(CloudFormation, AnEarlierChangeOfOursIsNeverCancelled) {
  no_change_set();
  sees(stack("UPDATE_IN_PROGRESS", "stepback-6-abc"));
  const auto report =
      make({.environment = {"test"}, .stacks = {"App-test"}, .deployment_marks = {""}})
          .revert(change);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_EQ(changes(), 0u);
}

TEST_F(CloudFormation, AStuckRollbackIsContinuedOnceAndWithNothingLeftOut) {
  no_change_set();
  sees(stack("UPDATE_ROLLBACK_FAILED"));
  sees_events(event("UPDATE_ROLLBACK_FAILED", "cdk-1") + event("UPDATE_IN_PROGRESS", "cdk-1"));
  const auto report = make().revert(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_EQ(times("ContinueUpdateRollback"), 1u);
  EXPECT_EQ(body("ContinueUpdateRollback").find("ResourcesToSkip"), std::string::npos);

  // Also under a later key.
  sees_events(event("UPDATE_ROLLBACK_FAILED", "stepback-continue-5", "the table is gone") +
              event("UPDATE_IN_PROGRESS", "cdk-1"));
  const auto again = make().revert(change);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::invalid);
  EXPECT_NE(again.error().message.find("people"), std::string::npos);
  EXPECT_EQ(times("ContinueUpdateRollback"), 1u);
}

TEST_F(CloudFormation, OneContinuedForAnEarlierUpdateDoesNotCount) {
  no_change_set();
  sees(stack("UPDATE_ROLLBACK_FAILED"));
  sees_events(event("UPDATE_ROLLBACK_FAILED", "cdk-2") + event("UPDATE_IN_PROGRESS", "cdk-2") +
              event("UPDATE_ROLLBACK_COMPLETE", "stepback-continue-3"));
  ASSERT_TRUE(make().revert(change));
  EXPECT_EQ(times("ContinueUpdateRollback"), 1u);
}

TEST_F(CloudFormation, WhatItDoesInEachStateFollowsTheTable) {
  no_change_set();
  sees_events(event("UPDATE_IN_PROGRESS", "cdk-deploy-change-set"));
  for (const auto& state : stack_states()) {
    const auto before = changes();
    sees(stack(std::string(state.name)));
    const auto report = make().revert(change);
    EXPECT_EQ(!report, state.answer == StackAnswer::people) << state.name;
    const bool acts = state.answer != StackAnswer::people && state.answer != StackAnswer::wait;
    EXPECT_EQ(changes() - before, acts ? 1u : 0u) << state.name;
    if (report) {
      EXPECT_EQ(report->progress, Progress::under_way) << state.name;
    } else {
      EXPECT_EQ(report.error().code, Code::invalid) << state.name;
    }
  }
}

TEST_F(CloudFormation, StepbacksOwnStacksAreRefusedBeforeAnythingIsAsked) {
  for (const auto* own : {"KiroPipelineShared", "KiroPipelineCore-test"}) {
    const auto report = make({.environment = {"test"}, .stacks = {own}}).revert(change);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Code::denied);
  }
  EXPECT_TRUE(log.empty());
}

TEST_F(CloudFormation, ALaterNumberTurnsAnEarlierRequestBack) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE", "stepback-8-abc"));
  const auto executed = make().revert(change);
  ASSERT_FALSE(executed);
  EXPECT_EQ(executed.error().code, Code::conflict);

  sees_set(change_set("CREATE_COMPLETE", "AVAILABLE"));
  sees(stack("UPDATE_COMPLETE"));
  forget("ListChangeSets");
  says("ListChangeSets", sets({"stepback-8-abc", name}));
  const auto made = make().look(change);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::conflict);
  EXPECT_EQ(changes(), 0u);
}

TEST_F(CloudFormation, ChangeSetsOfEarlierKeysAreTakenAwayAndOthersStay) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE"));
  forget("ListChangeSets");
  says("ListChangeSets", sets({"stepback-6-abc", "by-hand"}));
  ASSERT_TRUE(make().revert(change));
  EXPECT_EQ(times("DeleteChangeSet"), 1u);
  EXPECT_NE(body("DeleteChangeSet").find("stepback-6-abc"), std::string::npos);
  EXPECT_EQ(times("CreateChangeSet"), 1u);
}

TEST_F(CloudFormation, AChangeSetThatBecameInvalidIsNotStarted) {
  sees_set(change_set("CREATE_COMPLETE", "OBSOLETE"));
  sees(stack("UPDATE_COMPLETE"));
  const auto report = make().look(change);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->progress, Progress::not_started);
}

TEST_F(CloudFormation, AskingAgainWhileItIsMadeOrCarriedOutChangesNothing) {
  sees(stack("UPDATE_IN_PROGRESS", name));
  for (const auto& [status, execution] :
       {std::pair("CREATE_IN_PROGRESS", "UNAVAILABLE"), std::pair("CREATE_PENDING", "UNAVAILABLE"),
        std::pair("CREATE_COMPLETE", "EXECUTE_IN_PROGRESS")}) {
    sees_set(change_set(status, execution));
    const auto report = make().revert(change);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->progress, Progress::under_way);
  }
  EXPECT_EQ(changes(), 0u);
}

TEST_F(CloudFormation, ALostRaceToMakeOrCarryOutIsLookedAtAgain) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE"));
  forget("CreateChangeSet");
  says("CreateChangeSet", error("AlreadyExistsException", "exists"), 400);
  EXPECT_EQ(make().revert(change)->progress, Progress::under_way);
  sees_set(change_set("CREATE_COMPLETE", "AVAILABLE"));
  for (const auto* type :
       {"InvalidChangeSetStatus", "ChangeSetNotFound", "TokenAlreadyExistsException"}) {
    forget("ExecuteChangeSet");
    says("ExecuteChangeSet", error(type, "no"), 400);
    const auto report = make().revert(change);
    ASSERT_TRUE(report) << type;
    EXPECT_EQ(report->progress, Progress::under_way);
  }
}

TEST_F(CloudFormation, StacksAreTakenBackInTheirOrder) {
  const StackSource two{.environment = {"test"}, .stacks = {"Data-test", "App-test"}};
  sees(stack("UPDATE_COMPLETE"));
  forget("DescribeChangeSet");
  says("DescribeChangeSet", change_set("CREATE_COMPLETE", "EXECUTE_COMPLETE"));
  says("DescribeChangeSet", error("ChangeSetNotFound", "none"), 404);
  // The first is done under this key: so looking goes on with the second.
  const auto report = make(two).look(change);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->progress, Progress::under_way);
  EXPECT_NE(body("CreateChangeSet").find("StackName=App-test"), std::string::npos);
}

TEST_F(CloudFormation, AMissingStackIsNamed) {
  forget("DescribeChangeSet");
  says("DescribeChangeSet", error("ValidationError", "Stack [App-test] does not exist"), 400);
  sees("");
  forget("DescribeStacks");
  says("DescribeStacks", error("ValidationError", "Stack with id App-test does not exist"), 400);
  const auto report = make().revert(change);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::not_found);
  EXPECT_NE(report.error().message.find("App-test"), std::string::npos);
}

TEST_F(CloudFormation, AMissingTemplateIsNamed) {
  no_change_set();
  sees(stack("UPDATE_COMPLETE"));
  forget("GetTemplateSummary");
  says("GetTemplateSummary", error("ValidationError", "S3 error: The specified key is gone"), 400);
  const auto report = make().revert(change);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("v41/infrastructure/App-test.template.json"),
            std::string::npos);
  EXPECT_EQ(times("CreateChangeSet"), 0u);
}

TEST_F(CloudFormation, AVersionThatIsNoneNeverReachesAnAddress) {
  auto hostile = change;
  hostile.version = {"../other"};
  EXPECT_FALSE(make().revert(hostile));
  hostile = change;
  hostile.infrastructure_version = "a/../b";
  EXPECT_FALSE(make().revert(hostile));
  EXPECT_TRUE(log.empty());
}

TEST_F(CloudFormation, SaysHowFarAStackHasDrifted) {
  says("DetectStackDrift",
       result("DetectStackDrift", "<StackDriftDetectionId>d-1</StackDriftDetectionId>"));
  const auto started = make().start_drift("App-test");
  ASSERT_TRUE(started);
  EXPECT_EQ(*started, "d-1");
  const std::string operation = "DescribeStackDriftDetectionStatus";
  says(operation, result(operation, "<DetectionStatus>DETECTION_IN_PROGRESS</DetectionStatus>"));
  says(operation, result(operation,
                         "<DetectionStatus>DETECTION_COMPLETE</DetectionStatus><StackDriftStatus>"
                         "DRIFTED</StackDriftStatus><DriftedStackResourceCount>2"
                         "</DriftedStackResourceCount>"));
  EXPECT_EQ(make().read_drift("d-1").value(), "it is still being looked at");
  EXPECT_EQ(make().read_drift("d-1").value(), "2 resources are not as its template says (DRIFTED)");
}

}  // namespace
}  // namespace stepback::aws
