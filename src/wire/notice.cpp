// SPDX-License-Identifier: Apache-2.0
#include "wire/notice.hpp"

#include <fmt/core.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace stepback {
namespace {

constexpr std::size_t longest_subject = 99;
constexpr std::size_t longest_foreign_text = 1024;

std::string_view title_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::rollback_started: return "Rollback Started";
    case NoticeKind::rollback_completed: return "Rollback Completed";
    case NoticeKind::rollback_validation_failed: return "Rollback Validation Failed";
    case NoticeKind::rollback_failed: return "Rollback Failed";
    case NoticeKind::rollback_escalated: return "Rollback Escalated, People Must Act";
    case NoticeKind::rollback_cancelled: return "Rollback Cancelled";
    case NoticeKind::budget_at_risk: return "Rollback May Miss Its Budget";
    case NoticeKind::release_held: return "Release Held";
    case NoticeKind::trigger_notified: return "Trigger Noted, Nothing Touched";
    case NoticeKind::brake_engaged: return "Automatic Rollbacks Stopped";
    case NoticeKind::orphan_closed: return "Abandoned Deployment Closed";
    case NoticeKind::approval_wanted: return "Approval Wanted";
    case NoticeKind::door_closes: return "Deployment Closes The Way Back";
    case NoticeKind::emergency_declared: return "Emergency Declared";
    case NoticeKind::readiness_lost: return "Could Not Be Rolled Back Now";
    case NoticeKind::drill_due: return "Drill Due";
    case NoticeKind::run_ended: return "Pipeline Run Ended";
    case NoticeKind::deployment_ended: return "Deployment Ended";
    case NoticeKind::handed_back: return "Handed Back To Automation";
    case NoticeKind::channel_test: return "Test, Nothing Happened";
  }
  std::unreachable();
}

bool is_drill(const Notice& notice) { return notice.origin == name_of(Origin::drill); }
bool is_manual(const Notice& notice) { return notice.origin == name_of(Origin::manual); }

// Those after which somebody may have to do something.
bool is_trouble(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::rollback_validation_failed:
    case NoticeKind::rollback_failed:
    case NoticeKind::rollback_escalated:
    case NoticeKind::budget_at_risk:
    case NoticeKind::brake_engaged:
    case NoticeKind::approval_wanted:
    case NoticeKind::door_closes:
    case NoticeKind::emergency_declared:
    case NoticeKind::readiness_lost:
    case NoticeKind::drill_due:
    case NoticeKind::run_ended:
    case NoticeKind::orphan_closed: return true;
    case NoticeKind::rollback_started:
    case NoticeKind::rollback_completed:
    case NoticeKind::rollback_cancelled:
    case NoticeKind::release_held:
    case NoticeKind::trigger_notified:
    case NoticeKind::deployment_ended:
    case NoticeKind::handed_back:
    case NoticeKind::channel_test: return false;
  }
  std::unreachable();
}

bool has_deadline_ahead(NoticeKind kind) {
  return kind == NoticeKind::rollback_started || kind == NoticeKind::budget_at_risk;
}

void cut_half_character(std::string& line) {
  for (int bytes = 0; bytes < 3 && !line.empty() && (line.back() & 0xC0) == 0x80; ++bytes) {
    line.pop_back();
  }
  if (!line.empty() && (line.back() & 0x80) != 0) line.pop_back();
}

// Control characters would let a text forge lines of ours; bytes beyond ASCII pass, for people's
// names and reasons have them.
std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, longest_foreign_text)) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  if (text.size() > longest_foreign_text) cut_half_character(line);
  return text.size() > longest_foreign_text ? line + "..." : line;
}

std::string operator_of(const Notice& notice) {
  return notice.requested_by.empty() ? "automation" : notice.requested_by;
}

std::string listed(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    if (!list.empty()) list += ", ";
    list += on_one_line(text);
  }
  return list;
}

void add_line(std::string& text, std::string_view label, const std::string& content) {
  if (!content.empty()) text += fmt::format("{:<12} {}\n", label, content);
}

void put(json::Object& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void put(json::Object& object, std::string_view key, const std::vector<std::string>& texts) {
  if (!texts.empty()) object[key] = json::Array(texts.begin(), texts.end());
}

void put_additions(json::Object& object, const Notice& notice, const NoticeStyle& style) {
  object["schemaVersion"] = "1";
  if (notice.rollback) object["rollbackId"] = notice.rollback->text;
  if (is_drill(notice)) object["drill"] = true;
  if (notice.again) object["resent"] = true;
  put(object, "rollbackLevel", notice.level);
  put(object, "rollbackReason", notice.reason);
  if (notice.deadline && has_deadline_ahead(notice.kind)) {
    object["deadline"] = to_rfc3339_seconds(*notice.deadline);
  }
  const bool completed = notice.kind == NoticeKind::rollback_completed;
  if (notice.took && (completed || notice.kind == NoticeKind::deployment_ended)) {
    object["durationSeconds"] = std::chrono::duration_cast<seconds>(*notice.took).count();
  }
  if (completed) object["held"] = notice.held;
  if (is_trouble(notice.kind)) {
    put(object, "failedAlarms", notice.failed_alarms);
    put(object, "failedStep", notice.failed_step);
    put(object, "environmentsRolledBack", notice.environments_rolled_back);
    put(object, "environmentsFailed", notice.environments_failed);
    put(object, "incident", notice.incident);
    put(object, "nextCommand", notice.next_command);
  }
  put(object, "detailsUrl", details_of(notice, style));
}

}  // namespace

std::string details_of(const Notice& notice, const NoticeStyle& style) {
  if (style.details.empty() || !notice.rollback) return {};
  std::string_view base = style.details;
  while (base.ends_with('/')) base.remove_suffix(1);
  return fmt::format("{}/rollbacks/{}", base, notice.rollback->text);
}

std::string event_of(const Notice& notice) {
  const bool manual_end = notice.kind == NoticeKind::rollback_completed && is_manual(notice);
  return (manual_end ? "manual_" : "") + std::string(name_of(notice.kind));
}

std::string subject_of(const Notice& notice) {
  const bool manual_end = notice.kind == NoticeKind::rollback_completed && is_manual(notice);
  std::string subject =
      fmt::format("{}{}{}{} - {}", notice.again ? "Again: " : "", is_drill(notice) ? "Drill: " : "",
                  manual_end ? "Manual " : "", title_of(notice.kind), notice.environment.name);
  for (char& c : subject) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return subject.substr(0, longest_subject);
}

std::string text_of(const Notice& notice, const NoticeStyle& style) {
  std::string text = subject_of(notice) + "\n\n";
  add_line(text, "Service", on_one_line(style.service));
  add_line(text, "Environment", on_one_line(notice.environment.name));
  const std::string from = on_one_line(notice.current_version.text);
  const std::string to = on_one_line(notice.target_version.text);
  add_line(text, "Version", to.empty() ? from : fmt::format("{} -> {}", from, to));
  if (notice.took) add_line(text, "Took", to_short(*notice.took));
  add_line(text, "Why", on_one_line(notice.reason));
  add_line(text, "Level", notice.level);
  add_line(text, "Requested by", on_one_line(operator_of(notice)));
  add_line(text, "Validation", on_one_line(notice.validation_status));
  add_line(text, "Failed step", on_one_line(notice.failed_step));
  add_line(text, "Still red", listed(notice.failed_alarms));
  add_line(text, "Rolled back", listed(notice.environments_rolled_back));
  add_line(text, "Not healthy", listed(notice.environments_failed));
  if (notice.deadline && has_deadline_ahead(notice.kind)) {
    add_line(text, "Deadline", to_rfc3339_seconds(*notice.deadline));
  }
  if (notice.held) add_line(text, "Held", from + " stays out until it is released or replaced");
  add_line(text, "Incident", on_one_line(notice.incident));
  add_line(text, "At", to_rfc3339_seconds(notice.at));
  add_line(text, "Next", on_one_line(notice.next_command));
  add_line(text, "Details", details_of(notice, style));
  return text;
}

std::string json_of(const Notice& notice, const NoticeStyle& style) {
  const std::string event = event_of(notice);
  json::Object object;
  object["event"] = event;
  object["environment"] = notice.environment.name;
  object["currentVersion"] = notice.current_version.text;
  object["targetVersion"] = notice.target_version.text;
  object["deploymentId"] = notice.deployment.text;
  object["timestamp"] = to_rfc3339_seconds(notice.at);
  object["operator"] = operator_of(notice);
  object["validationStatus"] = notice.validation_status;
  if (event != "manual_rollback_completed") put_additions(object, notice, style);
  return json::write(object);
}

}  // namespace stepback
