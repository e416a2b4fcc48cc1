// SPDX-License-Identifier: Apache-2.0

// What InfrastructureByStack asks CloudFormation to do. Each request carries a token made of our
// key, so that it may be sent again when its answer is lost.

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/cloudformation.hpp"
#include "adapters/aws/delivery_names.hpp"
#include "adapters/aws/stack_work.hpp"

namespace stepback::aws {
namespace {

using delivery::is;
using delivery::refused;

constexpr std::string_view our_continue = "stepback-continue-";  // how our tokens for that begin
constexpr int most_pages = 50;
constexpr int most_named = 20;  // changes in an error

// Somebody else changes the stack just now: the service says so in its sentence only.
bool is_busy(const Refusal& refusal) {
  return is(refusal, "ValidationError") && refusal.message.contains("_IN_PROGRESS");
}

// An event of the stack as a whole that begins an update of it.
bool begins_update(const Xml& event) {
  return event.text("ResourceType") == "AWS::CloudFormation::Stack" &&
         event.text("PhysicalResourceId") == event.text("StackId") &&
         event.text("ResourceStatus") == "UPDATE_IN_PROGRESS";
}

ResourceChange read_change(const Xml& from) {
  return {.action = from.text("Action"),
          .replacement = from.text("Replacement"),
          .kept = from.text("PolicyAction"),
          .type = from.text("ResourceType"),
          .name = one_line(from.text("LogicalResourceId"), 100)};
}

void add_member(Service::Parameters& parameters, const std::string& list,
                const std::vector<std::string>& members) {
  int number = 0;
  for (const auto& member : members)
    parameters.emplace_back(fmt::format("{}.member.{}", list, ++number), member);
}

}  // namespace

// Those that the stack has and the template asks for: CloudFormation refuses any other.
Result<std::vector<std::string>> InfrastructureByStack::parameters_kept(const Work& work,
                                                                        const Stack& stack) {
  const auto answer =
      service_.query("GetTemplateSummary", {{"TemplateURL", work.template_address}});
  if (!answer) return refused(answer.error(), "reading its template " + work.template_address);
  std::vector<std::string> kept;
  for (const auto& parameter : answer->all("GetTemplateSummaryResult/Parameters/member")) {
    const auto key = parameter.text("ParameterKey");
    if (std::ranges::find(stack.parameters, key) != stack.parameters.end()) kept.push_back(key);
  }
  return kept;
}

// Change sets of earlier keys go, so that none can be carried out any more; a later key's turns us
// back. What is made too late by an earlier plan meets the same question before it is carried out.
Result<> InfrastructureByStack::make_way(const Work& work) {
  std::string next;
  for (int pages = 0; pages < most_pages; ++pages) {
    Service::Parameters parameters{{"StackName", work.stack}};
    if (!next.empty()) parameters.emplace_back("NextToken", next);
    const auto answer = service_.query("ListChangeSets", parameters);
    if (!answer) return refused(answer.error(), "listing its change sets");
    for (const auto& summary : answer->all("ListChangeSetsResult/Summaries/member")) {
      const auto name = summary.text("ChangeSetName");
      if (name == work.name || number_in_name(name) == 0) continue;
      if (number_in_name(name) > work.operation) {
        return fail(Code::conflict, fmt::format("the change set {} is newer than operation {}",
                                                name, work.operation));
      }
      TRY(erase(work, name));
    }
    next = answer->text("ListChangeSetsResult/NextToken");
    if (next.empty()) return {};
  }
  return fail(Code::invalid, "it has too many change sets");
}

Result<> InfrastructureByStack::erase(const Work& work, const std::string& name) {
  const auto answer =
      service_.query("DeleteChangeSet", {{"StackName", work.stack}, {"ChangeSetName", name}});
  if (answer || answer.error().code == Code::not_found) return {};
  if (is(answer.error(), "InvalidChangeSetStatus"))
    return fail(Code::unavailable, fmt::format("the earlier change set {} is in use", name));
  return refused(answer.error(), "taking away the earlier change set " + name);
}

Result<InfrastructureReport> InfrastructureByStack::create(const Work& work, const Stack& stack) {
  TRY(make_way(work));
  Service::Parameters parameters{
      {"StackName", work.stack},
      {"ChangeSetName", work.name},
      {"ChangeSetType", "UPDATE"},
      {"ClientToken", work.name},
      {"Description", fmt::format("Stepback, operation {}", work.operation)},
      {"TemplateURL", work.template_address}};
  add_member(parameters, "Capabilities",
             {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"});
  int number = 0;
  for (const auto& key : TRY(parameters_kept(work, stack))) {
    const auto member = fmt::format("Parameters.member.{}.", ++number);
    parameters.emplace_back(member + "ParameterKey", key);
    parameters.emplace_back(member + "UsePreviousValue", "true");
  }
  if (!work.source->role.empty()) parameters.emplace_back("RoleARN", work.source->role);
  const auto answer = service_.query("CreateChangeSet", parameters);
  if (answer || is(answer.error(), "AlreadyExists"))
    return under_way("its change set is being made");
  if (is_busy(answer.error())) return under_way("another change of it is under way");
  return refused(answer.error(), "making its change set");
}

// What the change set would lose; empty: nothing.
Result<std::string> InfrastructureByStack::data_lost(const Work& work, Xml page) {
  std::string lost;
  int count = 0;
  for (int pages = 1;; ++pages) {
    for (const auto& each : page.all("DescribeChangeSetResult/Changes/member")) {
      for (const auto& change : each.all("ResourceChange")) {
        const auto text = data_lost_by(read_change(change));
        if (text.empty() || ++count > most_named) continue;
        lost += (lost.empty() ? "" : ", ") + text;
      }
    }
    const auto next = page.text("DescribeChangeSetResult/NextToken");
    if (next.empty()) break;
    if (pages == most_pages) return fail(Code::invalid, "its change set has too many pages");
    const auto following = TRY(change_set_of(work, next));
    if (!following) return fail(Code::unavailable, "its change set went away; ask again");
    page = *following;
  }
  if (count > most_named) lost += fmt::format(" and {} more", count - most_named);
  return lost;
}

Result<InfrastructureReport> InfrastructureByStack::execute(const Work& work) {
  TRY(make_way(work));
  const auto answer = service_.query(
      "ExecuteChangeSet",
      {{"StackName", work.stack}, {"ChangeSetName", work.name}, {"ClientRequestToken", work.name}});
  if (answer || is(answer.error(), "TokenAlreadyExists")) return under_way("is being changed");
  // Between the look and this the stack or the set changed: the next look tells how.
  if (is(answer.error(), "InvalidChangeSetStatus") || is(answer.error(), "ChangeSetNotFound") ||
      is_busy(answer.error()))
    return under_way("its change set is looked at again");
  return refused(answer.error(), "carrying out its change set");
}

Result<InfrastructureReport> InfrastructureByStack::cancel_update(const Work& work,
                                                                  const Stack& stack) {
  const auto events = TRY(newest_events(work.stack));
  const auto began = std::ranges::find_if(events, begins_update);
  const auto token = began == events.end() ? "" : began->text("ClientRequestToken");
  const bool is_deployments =
      std::ranges::any_of(work.source->deployment_marks, [&](const std::string& mark) {
        return mark.empty() || token.starts_with(mark) || stack.last_change_set.starts_with(mark);
      });
  if (!is_deployments || token.starts_with(ours) || stack.last_change_set.starts_with(ours)) {
    return under_way(fmt::format("waits for an update that is not the deployment's ({})",
                                 one_line(token.empty() ? stack.last_change_set : token, 130)));
  }
  const auto answer =
      service_.query("CancelUpdateStack",
                     {{"StackName", work.stack}, {"ClientRequestToken", work.name + "-cancel"}});
  if (answer) return under_way("the deployment's update is being cancelled");
  // It ended, or is being cancelled already.
  if (is(answer.error(), "ValidationError") || is(answer.error(), "TokenAlreadyExists"))
    return under_way("the deployment's update is ending");
  return refused(answer.error(), "cancelling the deployment's update");
}

// Once for each update that got stuck, and never with resources left out: what could not be taken
// back would be forgotten then, and people have to know of it.
Result<InfrastructureReport> InfrastructureByStack::continue_rollback(const Work& work) {
  const auto token = fmt::format("{}{}", our_continue, work.operation);
  for (const auto& event : TRY(newest_events(work.stack))) {
    if (event.text("ClientRequestToken").starts_with(our_continue)) {
      return fail(Code::invalid,
                  fmt::format("an update could not be taken back, not when tried once more{}; "
                              "people have to put it right first",
                              TRY(why_it_failed(work))));
    }
    if (begins_update(event)) break;
  }
  const auto answer = service_.query("ContinueUpdateRollback",
                                     {{"StackName", work.stack}, {"ClientRequestToken", token}});
  if (answer || is(answer.error(), "TokenAlreadyExists") || is_busy(answer.error()))
    return under_way("an update of it that got stuck is being taken back");
  return refused(answer.error(), "continuing its rollback");
}

// The first failure of the newest update: the others follow from it.
Result<std::string> InfrastructureByStack::why_it_failed(const Work& work) {
  std::string why;
  for (const auto& event : TRY(newest_events(work.stack))) {
    const auto reason = event.text("ResourceStatusReason");
    if (event.text("ResourceStatus").ends_with("_FAILED") && !reason.empty() &&
        !reason.contains("cancelled")) {
      why = fmt::format(": {} {}", one_line(event.text("LogicalResourceId"), 100),
                        one_line(reason, 200));
    }
    if (begins_update(event)) break;
  }
  return why;
}

Result<std::string> InfrastructureByStack::start_drift(const std::string& stack) {
  const auto answer = service_.query("DetectStackDrift", {{"StackName", stack}});
  if (!answer) return refused(answer.error(), "looking for drift of " + stack);
  return answer->text("DetectStackDriftResult/StackDriftDetectionId");
}

Result<std::string> InfrastructureByStack::read_drift(const std::string& detection) {
  const auto answer =
      service_.query("DescribeStackDriftDetectionStatus", {{"StackDriftDetectionId", detection}});
  if (!answer) return refused(answer.error(), "reading a stack's drift");
  const std::string result = "DescribeStackDriftDetectionStatusResult/";
  const auto status = answer->text(result + "DetectionStatus");
  const auto drift = answer->text(result + "StackDriftStatus");
  if (status == "DETECTION_IN_PROGRESS") return "it is still being looked at";
  if (status != "DETECTION_COMPLETE") {
    return "it could not be looked at: " + one_line(answer->text(result + "DetectionStatusReason"));
  }
  if (drift == "IN_SYNC") return "it is as its template says";
  const auto count = answer->text(result + "DriftedStackResourceCount");
  return fmt::format("{} resources are not as its template says ({})",
                     one_line(count.empty() ? "some" : count, 10), one_line(drift, 40));
}

}  // namespace stepback::aws
