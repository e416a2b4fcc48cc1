// SPDX-License-Identifier: Apache-2.0
#include "wire/notice_formats.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "domain/subscription.hpp"
#include "wire/github.hpp"

namespace stepback {
namespace {

// In bytes, of which no service takes fewer than characters.
constexpr std::size_t longest_header = 150;     // Slack
constexpr std::size_t longest_section = 2900;   // Slack takes 3000
constexpr std::size_t longest_field = 1900;     // Slack takes 2000
constexpr std::size_t longest_summary = 1024;   // PagerDuty
constexpr std::size_t longest_dedup_key = 255;  // PagerDuty

std::string cut(std::string_view text, std::size_t most) {
  return one_line(text, most - std::min<std::size_t>(most, 6));
}

json::Value text(std::string_view from) { return json::Value(from); }

json::Object object_of(std::initializer_list<std::pair<std::string_view, json::Value>> members) {
  json::Object object;
  for (const auto& [name, value] : members) object[name] = value;
  return object;
}

std::string versions_of(const Notice& notice, std::string_view arrow) {
  auto from = cut(notice.current_version.text, 64);
  const auto to = cut(notice.target_version.text, 64);
  return to.empty() ? from : fmt::format("{}{}{}", from, arrow, to);
}

// --- Slack ---------------------------------------------------------------------------------------

// What would be a link, a mention or a code block for Slack is not.
std::string mrkdwn(std::string_view from, std::size_t most) {
  std::string plain;
  for (const char c : cut(from, most)) {
    if (plain.size() + 5 > most) break;  // the longest of these, and no half of one
    switch (c) {
      case '&': plain += "&amp;"; break;
      case '<': plain += "&lt;"; break;
      case '>': plain += "&gt;"; break;
      case '`': plain += '\''; break;
      default: plain += c;
    }
  }
  return plain;
}

json::Value mrkdwn_object(std::string_view content) {
  return object_of({{"type", text("mrkdwn")}, {"text", text(content)}});
}

void add_field(json::Array& fields, std::string_view title, const std::string& content) {
  if (content.empty()) return;
  fields.push_back(mrkdwn_object(fmt::format("*{}*\n{}", title, content)));
}

json::Value section(const std::string& content) {
  return object_of({{"type", text("section")}, {"text", mrkdwn_object(content)}});
}

std::string sign_of(Severity severity) {
  switch (severity) {
    case Severity::info: return ":information_source: ";
    case Severity::warning: return ":warning: ";
    case Severity::critical: return ":rotating_light: ";
  }
  std::unreachable();
}

std::string slack(const Notice& notice, const NoticeStyle& style) {
  const auto subject = subject_of(notice);
  json::Array fields;
  add_field(fields, "Version", mrkdwn(versions_of(notice, " → "), longest_field));
  if (notice.took) add_field(fields, "Took", to_short(*notice.took));
  add_field(fields, "Why", mrkdwn(notice.reason, longest_field));
  add_field(fields, "Level", mrkdwn(notice.level, longest_field));
  add_field(fields, "By", mrkdwn(notice.requested_by, longest_field));
  std::string red;
  for (const auto& alarm : notice.failed_alarms) red += (red.empty() ? "" : ", ") + alarm;
  add_field(fields, "Still red", mrkdwn(red, longest_field));
  add_field(fields, "Incident", mrkdwn(notice.incident, longest_field));
  const auto header = (style.service.empty() ? subject : style.service + ": " + subject);
  json::Array blocks;
  blocks.push_back(object_of({{"type", text("header")},
                              {"text", object_of({{"type", text("plain_text")},
                                                  {"text", text(cut(header, longest_header))}})}}));
  if (!fields.empty())
    blocks.push_back(object_of({{"type", text("section")}, {"fields", std::move(fields)}}));
  if (!notice.next_command.empty()) {
    blocks.push_back(
        section("*Do this first*\n```" + mrkdwn(notice.next_command, longest_section) + "```"));
  }
  if (notice.held) {
    blocks.push_back(section(fmt::format("`{}` stays out of {} until it is released or replaced.",
                                         mrkdwn(notice.current_version.text, 64),
                                         mrkdwn(notice.environment.name, 64))));
  }
  if (const auto link = details_of(notice, style); !link.empty())
    blocks.push_back(section("<" + mrkdwn(link, longest_section) + "|The whole story>"));
  auto fallback = sign_of(notice.severity) + mrkdwn(header, longest_header);
  const auto why = mrkdwn(notice.reason, longest_field);
  if (!why.empty()) fallback += ": " + why;
  return json::write(object_of({{"text", text(fallback)},
                                {"unfurl_links", json::Value(false)},
                                {"blocks", std::move(blocks)}}));
}

// --- PagerDuty -----------------------------------------------------------------------------------

// Whoever resolves says the key of what triggered: a rollback's, or the brake's.
std::string dedup_key(const Notice& notice, const NoticeStyle& style) {
  const auto event = notice.kind == NoticeKind::handed_back
                         ? std::string(name_of(NoticeKind::brake_engaged))
                         : event_of(notice);
  const auto key = fmt::format("stepback/{}/{}/{}", style.service, notice.environment.name,
                               notice.rollback ? notice.rollback->text : event);
  return key.substr(0, longest_dedup_key);
}

json::Value page_details(const Notice& notice) {
  json::Object details;
  const auto put = [&](std::string_view name, const std::string& content) {
    if (!content.empty()) details[name] = text(cut(content, longest_summary));
  };
  if (notice.rollback) put("rollback id", notice.rollback->text);
  put("deployment id", notice.deployment.text);
  put("current version", notice.current_version.text);
  put("target version", notice.target_version.text);
  put("reason", notice.reason);
  put("level", notice.level);
  put("failed step", notice.failed_step);
  put("incident", notice.incident);
  put("next command", notice.next_command);
  details["failed alarms"] = json::Array(notice.failed_alarms.begin(), notice.failed_alarms.end());
  return details;
}

std::optional<std::string> pagerduty(const Notice& notice, const NoticeStyle& style,
                                     const Secret& key) {
  const auto page = page_for(notice.kind);
  if (page == Page::none) return std::nullopt;
  auto event = object_of({{"routing_key", text(key.reveal())},
                          {"event_action", text(page == Page::trigger ? "trigger" : "resolve")},
                          {"dedup_key", text(dedup_key(notice, style))}});
  if (page == Page::resolve) return json::write(event);
  const auto summary = fmt::format("{}: {}{}{}", style.service, subject_of(notice),
                                   notice.reason.empty() ? "" : ": ", notice.reason);
  event["payload"] = object_of({{"summary", text(cut(summary, longest_summary))},
                                {"source", text("stepback-" + notice.environment.name)},
                                {"severity", text("critical")},
                                {"timestamp", text(to_rfc3339(notice.at))},
                                {"component", text(style.service)},
                                {"group", text(notice.environment.name)},
                                {"class", text(event_of(notice))},
                                {"custom_details", page_details(notice)}});
  event["client"] = "stepback";
  if (const auto link = details_of(notice, style); !link.empty()) {
    event["client_url"] = text(link);
    json::Array links;
    links.push_back(object_of({{"href", text(link)}, {"text", text("The whole story")}}));
    event["links"] = std::move(links);
  }
  return json::write(event);
}

// --- CDEvents ------------------------------------------------------------------------------------

std::string_view cdevent_for(NoticeKind kind) {
  if (kind == NoticeKind::rollback_completed) return "dev.cdevents.service.rolledback.0.3.0";
  if (kind == NoticeKind::rollback_escalated) return "dev.cdevents.incident.detected.0.3.0";
  return {};
}

std::optional<std::string> cdevents(const Notice& notice, const NoticeStyle& style) {
  const auto type = cdevent_for(notice.kind);
  if (type.empty()) return std::nullopt;
  const bool is_incident = notice.kind == NoticeKind::rollback_escalated;
  const auto source = "/stepback/" + style.service;
  auto content =
      object_of({{"environment", object_of({{"id", text(notice.environment.name)}})},
                 {"artifactId", text(fmt::format("pkg:generic/{}@{}", style.service,
                                                 is_incident ? notice.current_version.text
                                                             : notice.target_version.text))}});
  if (is_incident) {
    content["description"] = text(cut(notice.reason, longest_summary));
    content["service"] = object_of({{"id", text(style.service)}});
  }
  json::Object data;
  if (notice.rollback) data["rollbackId"] = text(notice.rollback->text);
  data["rollbackLevel"] = text(notice.level);
  if (notice.took)
    data["durationSeconds"] = std::chrono::duration_cast<seconds>(*notice.took).count();
  return json::write(object_of(
      {{"context", object_of({{"specversion", text("0.5.1")},
                              {"id", text(notice.key)},
                              {"source", text(source)},
                              {"type", text(type)},
                              {"timestamp", text(to_rfc3339(notice.at))}})},
       {"subject", object_of({{"id", text(is_incident && notice.rollback ? notice.rollback->text
                                                                         : style.service)},
                              {"source", text(source)},
                              {"content", std::move(content)}})},
       {"customData", std::move(data)},
       {"customDataContentType", text("application/json")}}));
}

}  // namespace

std::optional<std::string> body_of(NoticeFormat format, const Notice& notice,
                                   const NoticeStyle& style, const Secret& key) {
  switch (format) {
    case NoticeFormat::stepback: return json_of(notice, style);
    case NoticeFormat::slack: return slack(notice, style);
    case NoticeFormat::pagerduty: return pagerduty(notice, style, key);
    case NoticeFormat::cdevents: return cdevents(notice, style);
    case NoticeFormat::github: return github_status(notice, style);
  }
  std::unreachable();
}

}  // namespace stepback
