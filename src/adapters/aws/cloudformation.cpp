// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/cloudformation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "adapters/aws/delivery_names.hpp"
#include "adapters/aws/sigv4.hpp"
#include "adapters/aws/stack_work.hpp"
#include "base/digest.hpp"

namespace stepback::aws {
namespace {

using delivery::refused;

// "arn:aws:cloudformation:eu-central-1:123:changeSet/NAME/uuid": the name.
std::string change_set_name(std::string_view arn) {
  constexpr std::string_view before = ":changeSet/";
  const auto start = arn.find(before);
  if (start == std::string_view::npos) return "";
  arn.remove_prefix(start + before.size());
  return std::string(arn.substr(0, arn.find('/')));
}

bool is_stack_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= 128 && is_letter(name[0]) &&
         std::ranges::all_of(
             name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

bool has_no_changes(const std::string& reason) {
  return reason.contains("didn't contain changes") || reason.contains("No updates are to be");
}

}  // namespace

std::uint64_t number_in_name(std::string_view name) {
  if (!name.starts_with(ours)) return 0;
  name.remove_prefix(ours.size());
  std::uint64_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

Result<InfrastructureReport> InfrastructureByStack::revert(const InfrastructureChange& change) {
  return go_through(change, Begin::yes);
}

Result<InfrastructureReport> InfrastructureByStack::look(const InfrastructureChange& change) {
  return go_through(change, Begin::no);
}

Result<InfrastructureReport> InfrastructureByStack::go_through(const InfrastructureChange& change,
                                                               Begin begin) {
  std::string done;
  for (const auto& work : TRY(works_of(change))) {
    auto report = carry_on(work, begin);
    if (!report) return fail(report.error().during("taking back the stack " + work.stack));
    report->detail = work.stack + ": " + report->detail;
    if (report->progress != Progress::done) return report;
    done += (done.empty() ? "" : "; ") + report->detail;
    // Done under this key: so revert() began the step, and what follows belongs to it.
    begin = Begin::yes;
  }
  return InfrastructureReport{Progress::done, done};
}

Result<std::vector<InfrastructureByStack::Work>> InfrastructureByStack::works_of(
    const InfrastructureChange& change) const {
  TRY(must_be_plain(change.environment));
  TRY(must_be_plain_reference(change.infrastructure_version));
  if (!change.version.empty()) TRY(must_be_plain(change.version));
  const auto source =
      std::ranges::find(config_.sources, change.environment, &StackSource::environment);
  if (source == config_.sources.end()) {
    return fail(Code::invalid, fmt::format("no stacks are configured to revert the infrastructure "
                                           "of {}",
                                           change.environment.name));
  }
  std::vector<Work> works;
  for (const auto& pattern : source->stacks) {
    const auto stack = fill_in(pattern, {{"environment", change.environment.name}});
    if (!is_stack_name(stack))
      return fail(Code::invalid, "not the name of a stack: " + one_line(stack, 140));
    for (const auto& excluded : config_.excluded) {
      if (!delivery::fits(excluded, stack)) continue;
      return fail(Code::denied,
                  fmt::format("the stack {} is Stepback's own ({}) and is never taken back by it",
                              stack, excluded));
    }
    works.push_back({.source = &*source,
                     .stack = stack,
                     .template_address = template_address(*source, change, stack),
                     .name = fmt::format("{}{}-{}", ours, change.operation,
                                         sha256_hex(change.key).substr(0, 24)),
                     .operation = change.operation});
  }
  return works;
}

std::string InfrastructureByStack::template_address(const StackSource& source,
                                                    const InfrastructureChange& change,
                                                    const std::string& stack) const {
  const auto location =
      fill_in(source.template_location, {{"environment", change.environment.name},
                                         {"version", change.version.text},
                                         {"infrastructure_version", change.infrastructure_version},
                                         {"stack", stack}});
  constexpr std::string_view scheme = "s3://";
  if (!location.starts_with(scheme)) return location;
  const auto rest = std::string_view(location).substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size() - 1);
  const auto bucket = rest.substr(0, slash);
  const auto key = encode(rest.substr(slash + 1), Slash::kept);
  if (!config_.bucket_address.empty())
    return fill_in(config_.bucket_address, {{"bucket", bucket}, {"key", key}});
  const auto ending = config_.region.starts_with("cn-") ? ".cn" : "";
  return fmt::format("https://{}.s3.{}.amazonaws.com{}/{}", bucket, config_.region, ending, key);
}

Result<InfrastructureReport> InfrastructureByStack::carry_on(const Work& work, Begin begin) {
  // The change set first: what is then seen of the stack is newer.
  const auto change_set = TRY(change_set_of(work));
  const auto stack = TRY(describe(work.stack));
  if (number_in_name(stack.last_change_set) > work.operation) {
    return fail(Code::conflict, fmt::format("the change {} was carried out after operation {}",
                                            stack.last_change_set, work.operation));
  }
  if (change_set) return judge_change_set(work, stack, *change_set);
  if (stack.last_change_set == work.name) return judge_executed(work, stack);
  for (const auto& event : TRY(newest_events(work.stack)))
    if (event.text("ClientRequestToken") == work.name) return judge_executed(work, stack);
  return begin_where_possible(work, stack, begin);
}

Result<InfrastructureReport> InfrastructureByStack::begin_where_possible(const Work& work,
                                                                         const Stack& stack,
                                                                         Begin begin) {
  const auto state = stack_state(stack.status);
  switch (state.answer) {
    case StackAnswer::go_on:
      if (begin == Begin::yes) return create(work, stack);
      return not_started("nothing was begun under this key");
    case StackAnswer::wait: return under_way(fmt::format("{} ({})", state.why, stack.status));
    case StackAnswer::cancel_update: return cancel_update(work, stack);
    case StackAnswer::continue_rollback: return continue_rollback(work);
    case StackAnswer::people: break;
  }
  return fail(Code::invalid, fmt::format("it is in {}: {}; people have to put it right first",
                                         one_line(stack.status, 60), state.why));
}

Result<InfrastructureReport> InfrastructureByStack::judge_change_set(const Work& work,
                                                                     const Stack& stack,
                                                                     const Xml& change_set) {
  const auto status = change_set.text("DescribeChangeSetResult/Status");
  const auto execution = change_set.text("DescribeChangeSetResult/ExecutionStatus");
  const auto reason = change_set.text("DescribeChangeSetResult/StatusReason");
  if (status == "FAILED" && has_no_changes(reason))
    return InfrastructureReport{Progress::done, "as it is to be, nothing to change" + stack.drift};
  if (status == "FAILED")
    return fail(Code::invalid, "its change set could not be made: " + one_line(reason));
  if (execution == "OBSOLETE" || status.starts_with("DELETE_"))
    return not_started("another change came first, which made ours invalid");
  if (execution == "EXECUTE_IN_PROGRESS") {
    if (stack.status == "UPDATE_ROLLBACK_FAILED") return continue_rollback(work);
    return under_way(fmt::format("is being changed ({})", stack.status));
  }
  if (execution.starts_with("EXECUTE_")) return judge_executed(work, stack);
  if (execution != "AVAILABLE") return under_way("its change set is being made");
  if (stack_state(stack.status).answer != StackAnswer::go_on)
    return begin_where_possible(work, stack, Begin::no);
  const auto lost = TRY(data_lost(work, change_set));
  if (!lost.empty() && !work.source->data_loss_allowed) {
    return fail(Code::denied,
                fmt::format("going back {}; the change set {} shows it, and people may carry it "
                            "out",
                            lost, work.name));
  }
  return execute(work);
}

Result<InfrastructureReport> InfrastructureByStack::judge_executed(const Work& work,
                                                                   const Stack& stack) {
  if (stack.status == "UPDATE_COMPLETE")
    return InfrastructureReport{Progress::done, "taken back" + stack.drift};
  // All that runs is in its place; what was replaced is removed in its own time.
  if (stack.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    return InfrastructureReport{Progress::done, "taken back, what it replaced is being removed"};
  if (stack.status == "UPDATE_ROLLBACK_FAILED") return continue_rollback(work);
  if (stack.status == "UPDATE_ROLLBACK_COMPLETE" || stack.status == "UPDATE_FAILED") {
    return fail(Code::invalid,
                fmt::format("the change failed ({}){}", stack.status, TRY(why_it_failed(work))));
  }
  const auto state = stack_state(stack.status);
  if (state.answer == StackAnswer::people)
    return fail(Code::invalid, fmt::format("it is in {}: {}", stack.status, state.why));
  return under_way(fmt::format("is being changed ({})", stack.status));
}

Result<InfrastructureByStack::Stack> InfrastructureByStack::describe(const std::string& name) {
  const auto answer = service_.query("DescribeStacks", {{"StackName", name}});
  if (!answer && answer.error().message.contains("does not exist"))
    return fail(Code::not_found, "there is no such stack in this region and account");
  if (!answer) return refused(answer.error(), "asking for its state");
  const auto found = answer->all("DescribeStacksResult/Stacks/member");
  if (found.empty()) return fail(Code::corrupt, "the answer about its state has no stack in it");
  const Xml& from = found.front();
  Stack stack{.id = from.text("StackId"),
              .status = from.text("StackStatus"),
              .last_change_set = change_set_name(from.text("ChangeSetId")),
              .drift = {},
              .parameters = {}};
  if (from.text("DriftInformation/StackDriftStatus") == "DRIFTED")
    stack.drift = "; when last looked, it had drifted from its template";
  for (const auto& parameter : from.all("Parameters/member"))
    stack.parameters.push_back(parameter.text("ParameterKey"));
  return stack;
}

Result<std::optional<Xml>> InfrastructureByStack::change_set_of(const Work& work,
                                                                const std::string& page) {
  Service::Parameters parameters{{"StackName", work.stack}, {"ChangeSetName", work.name}};
  if (!page.empty()) parameters.emplace_back("NextToken", page);
  auto answer = service_.query("DescribeChangeSet", parameters);
  if (answer) return std::optional<Xml>(*std::move(answer));
  const auto& refusal = answer.error();
  // No such stack is told by describe().
  if (refusal.code == Code::not_found || refusal.message.contains("does not exist"))
    return std::optional<Xml>();
  return refused(refusal, "asking for its change set");
}

Result<std::vector<Xml>> InfrastructureByStack::newest_events(const std::string& stack) {
  const auto answer = service_.query("DescribeStackEvents", {{"StackName", stack}});
  if (!answer) return refused(answer.error(), "reading its events");
  return answer->all("DescribeStackEventsResult/StackEvents/member");
}

}  // namespace stepback::aws
