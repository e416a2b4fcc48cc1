// SPDX-License-Identifier: Apache-2.0
#include "wire/github.hpp"

#include <fmt/core.h>

#include "base/json.hpp"
#include "base/text.hpp"

namespace stepback {
namespace {

constexpr std::size_t longest_description = 140;
constexpr std::string_view ellipsis = "...";

// Of the seven that GitHub knows; empty: it is not told.
std::string_view state_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::rollback_started: return "in_progress";
    case NoticeKind::rollback_completed: return "success";
    case NoticeKind::rollback_validation_failed:
    case NoticeKind::rollback_failed: return "failure";
    case NoticeKind::rollback_escalated: return "error";
    case NoticeKind::rollback_cancelled: return "inactive";
    case NoticeKind::budget_at_risk:
    case NoticeKind::release_held:
    case NoticeKind::trigger_notified:
    case NoticeKind::brake_engaged:
    case NoticeKind::orphan_closed:
    case NoticeKind::approval_wanted:
    case NoticeKind::door_closes:
    case NoticeKind::emergency_declared:
    case NoticeKind::readiness_lost:
    case NoticeKind::drill_due:
    case NoticeKind::run_ended:
    case NoticeKind::deployment_ended:
    case NoticeKind::handed_back:
    case NoticeKind::channel_test: return {};
  }
  std::unreachable();
}

// Without a version there is no commit to speak of.
bool is_told(const Notice& notice) {
  return !state_of(notice.kind).empty() && notice.rollback && !notice.target_version.empty();
}

std::string description_of(const Notice& notice) {
  const auto took = notice.took ? " in " + to_short(*notice.took) : "";
  const auto text = fmt::format("{} to {}{}: {}", notice.current_version.text,
                                notice.target_version.text, took, notice.reason);
  return cut_at_a_word(one_line(text, 1000), longest_description);
}

}  // namespace

std::string cut_at_a_word(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  text = text.substr(0, most - ellipsis.size());
  const auto space = text.rfind(' ');
  if (space != std::string_view::npos && space > 0) {
    text = text.substr(0, space);
  } else {
    // One long word: between two characters, at least.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
      text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
  }
  return std::string(text) + std::string(ellipsis);
}

std::string github_task(const Notice& notice) {
  return "stepback:" + (notice.rollback ? notice.rollback->text : notice.key);
}

std::optional<std::string> github_deployment(const Notice& notice, const NoticeStyle& style) {
  if (!is_told(notice)) return std::nullopt;
  json::Object body;
  body["ref"] = json::Value(notice.target_version.text);
  body["task"] = json::Value(github_task(notice));
  body["environment"] = json::Value(notice.environment.name);
  body["description"] = json::Value(description_of(notice));
  // It was deployed before, with all that was asked of it then.
  body["auto_merge"] = false;
  body["required_contexts"] = json::Array();
  json::Object payload;
  payload["service"] = json::Value(style.service);
  payload["rollbackId"] = json::Value(notice.rollback->text);
  payload["rejectedVersion"] = json::Value(notice.current_version.text);
  body["payload"] = std::move(payload);
  return json::write(body);
}

std::optional<std::string> github_status(const Notice& notice, const NoticeStyle& style) {
  if (!is_told(notice)) return std::nullopt;
  json::Object body;
  body["state"] = json::Value(state_of(notice.kind));
  if (const auto link = details_of(notice, style); !link.empty())
    body["log_url"] = json::Value(link);
  body["description"] = json::Value(description_of(notice));
  body["environment"] = json::Value(notice.environment.name);
  body["auto_inactive"] = true;
  return json::write(body);
}

}  // namespace stepback
