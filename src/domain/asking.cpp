// SPDX-License-Identifier: Apache-2.0
#include "domain/asking.hpp"

#include <fmt/core.h>

namespace stepback {
namespace {

bool stands(const Head& head, Instant now) { return head.asked && now < head.asked->until; }

Error nothing_asked(const Head& head) {
  return {Code::not_found, "no rollback of " + head.environment.name + " waits for an answer"};
}

}  // namespace

bool wants_second_person(const ManualRequest& request, const Environments& seconded) {
  if (request.origin != Origin::manual || !request.agreed.empty()) return false;
  return request.level == Level::full ? !seconded.empty() : contains(seconded, request.environment);
}

Result<DeployChange> ask_for_rollback(Head head, const ManualRequest& request, Instant now) {
  const auto& name = request.environment.name;
  if (head.slot) return fail(Code::conflict, name + " is held by " + head.slot->text);
  DeployChange change{.head = std::move(head)};
  change.head.asked = AskedRollback{.level = request.level,
                                    .wish = request.wish,
                                    .reason = request.reason,
                                    .by = request.requested_by,
                                    .at = now,
                                    .until = now + question_stands};
  const auto target = request.wish.target ? request.wish.target->text : "the version before";
  note(change, now, "rollback.asked", request.requested_by,
       fmt::format("to {}: {}", target, request.reason));
  Notice notice{.key = fmt::format("asked/{}/{}", name, now.ms),
                .kind = NoticeKind::approval_wanted,
                .severity = Severity::critical};
  notice.environment = change.head.environment;
  if (change.head.live) notice.current_version = change.head.live->version;
  if (request.wish.target) notice.target_version = *request.wish.target;
  notice.at = now;
  notice.requested_by = request.requested_by;
  notice.validation_status = "pending";
  notice.reason =
      fmt::format("{} wants {} back on {}: {}", request.requested_by, name, target, request.reason);
  notice.deadline = change.head.asked->until;
  notice.next_command = fmt::format("stepback approve {} --reason TEXT", name);
  change.notices.push_back(std::move(notice));
  return change;
}

Result<ManualRequest> agreed_request(const Head& head, const std::string& by,
                                     const std::string& reason, Instant now) {
  if (!stands(head, now)) return fail(nothing_asked(head));
  const auto& asked = *head.asked;
  if (asked.by == by) {
    return fail(Code::denied, fmt::format("{} asked for it, so somebody else agrees", by));
  }
  return ManualRequest{.environment = head.environment,
                       .level = asked.level,
                       .reason = asked.reason,
                       .requested_by = asked.by,
                       .wish = asked.wish,
                       .agreed = fmt::format("agreed to by {}: {}", by, reason)};
}

Result<DeployChange> refuse_request(Head head, const std::string& by, const std::string& reason,
                                    Instant now) {
  if (!stands(head, now)) return fail(nothing_asked(head));
  DeployChange change{.head = std::move(head)};
  note(change, now, "rollback.refused", by,
       fmt::format("asked for by {}: {}", change.head.asked->by, reason));
  change.head.asked.reset();
  return change;
}

std::string alone(const std::string& by) {
  return "nobody else agreed: " + by + " went on alone, and must say why afterwards";
}

}  // namespace stepback
