// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/logs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.hpp"

namespace stepback::aws {
namespace {

constexpr int most_pages = 200;  // of one term: pages may be empty while the service still searches

bool all_capitals(std::string_view term) {
  return std::ranges::all_of(term, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string in_small_letters(std::string term) {
  for (char& c : term) c = static_cast<char>(c - 'A' + 'a');
  return term;
}

// In quotes it is found as it is, whatever signs it holds.
std::string in_quotes(std::string_view term) {
  std::string text = "\"";
  for (const char c : term) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

std::string text_of(const std::string& message) {
  if (message.starts_with('{')) {
    const auto value = json::parse(message);
    if (value && value->is_object() && value->as_object().contains("level"))
      return text_of_entry(json::Reader(*value));
  }
  std::string_view text = message;
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

// What was found in one span of time. An event has an id, by which it is known again when another
// term finds it too.
struct CloudWatchLogs::Found {
  Instant from;
  std::optional<Instant> to;  // not at it
  std::size_t most_events = 0;
  std::size_t most_bytes = 0;
  std::map<std::string, LogEntry> entries;
  std::size_t bytes = 0;
  std::optional<Instant> cut_at;  // from here on not everything is known

  bool is_full() const { return entries.size() >= most_events || bytes >= most_bytes; }
  void cut(Instant at) { cut_at = std::min(at, cut_at.value_or(at)); }

  // In their order.
  std::vector<LogEntry> in_order() const {
    std::vector<LogEntry> all;
    for (const auto& [id, entry] : entries) all.push_back(entry);
    std::ranges::stable_sort(all, {}, &LogEntry::at);
    return all;
  }
};

std::vector<std::string> log_terms(const LogPatterns& patterns) {
  std::vector<std::string> terms;
  const auto add = [&](const std::string& term) {
    if (!term.empty() && std::ranges::find(terms, term) == terms.end()) terms.push_back(term);
  };
  for (const auto* each : {&patterns.critical, &patterns.errors}) {
    for (const auto& term : *each) {
      add(term);
      if (all_capitals(term)) add(in_small_letters(term));
    }
  }
  return terms;
}

Result<> CloudWatchLogs::find(const std::string& group, const std::string& term, Found& found) {
  json::Object parameters{{"logGroupName", group}};
  if (!term.empty()) parameters["filterPattern"] = in_quotes(term);
  parameters["startTime"] = found.from.ms;
  if (found.to) parameters["endTime"] = found.to->ms;
  Instant last = found.from;
  for (int pages = 0; pages < most_pages; ++pages) {
    if (found.is_full()) {
      found.cut(last);
      return {};
    }
    const auto answer = service_.call("FilterLogEvents", parameters);
    if (!answer) return fail(to_error(answer.error()));
    const json::Reader page(*answer);
    for (const auto& event : TRY(page.optional_array("events"))) {
      // moto dates what a function wrote with fractions.
      const Instant at{static_cast<std::int64_t>(TRY(event.number("timestamp")))};
      last = std::max(last, at);
      if (at < found.from || (found.to && at >= *found.to)) continue;
      const auto message = TRY(event.text("message"));
      const auto id = TRY(event.text_or("eventId", fmt::format("{} {}", at.ms, message)));
      if (!found.entries.try_emplace(id, LogEntry{at, text_of(message)}).second) continue;
      found.bytes += message.size();
      if (found.is_full()) break;
    }
    const auto next = TRY(page.text_or("nextToken", ""));
    if (next.empty() && !found.is_full()) return {};
    parameters["nextToken"] = next;
  }
  found.cut(last);
  return {};
}

LogsSeen CloudWatchLogs::look_at(const LogGroup& group, const Environment& environment,
                                 Instant cutover, Duration look_back) {
  const auto name = fill_in(group.group, {{"environment", environment.name}});
  const auto unseen = [&](const Error& error) {
    const bool missing = error.code == Code::not_found;
    return LogsSeen{.name = group.name,
                    .seen = false,
                    .detail = missing ? fmt::format("there is no log group {}", name)
                                      : fmt::format("{}: {}", name, one_line(error.message))};
  };
  // What matters most comes first, so that no limit is used up before it.
  Found after{.from = cutover, .to = {}};
  Found before{.from = cutover - look_back, .to = cutover};
  for (Found* found : {&after, &before}) {
    found->most_events = config_.most_events;
    found->most_bytes = config_.most_bytes;
    if (found->to && found->from >= *found->to) continue;
    for (const auto& term : log_terms(group.patterns))
      if (const auto done = find(name, term, *found); !done) return unseen(done.error());
  }
  LogCount count(group.name, group.patterns, cutover, look_back);
  for (const auto& entry : after.in_order()) count.add(entry);
  const Instant known_to = before.cut_at.value_or(cutover);
  for (const auto& entry : before.in_order())
    if (entry.at <= known_to) count.add(entry);
  LogsSeen seen = count.result(known_to - before.from);
  if (after.cut_at)
    seen.detail += fmt::format(" at least; there are more than were read, from {} on",
                               to_rfc3339_seconds(*after.cut_at));
  return seen;
}

Result<std::vector<LogsSeen>> CloudWatchLogs::look(const Environment& environment, Instant cutover,
                                                   Duration look_back) {
  std::vector<LogsSeen> all;
  for (const auto& group : config_.groups) {
    const auto& here = group.environments;
    if (!here.empty() && std::ranges::find(here, environment) == here.end()) continue;
    all.push_back(look_at(group, environment, cutover, look_back));
  }
  return all;
}

Result<> CloudWatchLogs::read_group(const LogGroup& group, const LogQuery& query,
                                    std::vector<LogLine>& lines) {
  const auto name = fill_in(group.group, {{"environment", query.environment.name}});
  Found found{.from = query.since, .to = query.until};
  found.most_events = config_.most_events;
  found.most_bytes = config_.most_bytes;
  const auto terms =
      query.errors_only ? log_terms(group.patterns) : std::vector<std::string>{std::string()};
  for (const auto& term : terms)
    if (auto done = find(name, term, found); !done) return fail(done.error().during(name));
  for (auto& entry : found.in_order()) {
    const bool error = is_error(group.patterns, entry.text);
    if (query.errors_only && !error) continue;
    lines.push_back(
        {.at = entry.at, .source = group.name, .text = std::move(entry.text), .is_error = error});
  }
  return {};
}

Result<std::vector<LogLine>> CloudWatchLogs::read_lines(const LogQuery& query) {
  std::vector<LogLine> lines;
  for (const auto& group : config_.groups) {
    const auto& here = group.environments;
    if (!here.empty() && std::ranges::find(here, query.environment) == here.end()) continue;
    TRY(read_group(group, query, lines));
  }
  std::ranges::stable_sort(lines, {}, &LogLine::at);
  if (lines.size() > query.limit)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(query.limit));
  return lines;
}

}  // namespace stepback::aws
