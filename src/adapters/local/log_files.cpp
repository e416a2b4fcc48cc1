// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/log_files.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

#include "adapters/local/files.hpp"
#include "base/json.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t longest_time = 40;

struct Tail {
  std::string text;
  bool whole = true;  // false: the file begins before it
};

Result<Tail> tail_of(const std::string& path) {
  // Not blocking, so that a pipe in the file's place holds nobody up.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return fail(system_error("open", path, errno));
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return fail(system_error("look at", path, errno));
  if (!S_ISREG(facts.st_mode)) return fail(Code::invalid, path + " is not a regular file");
  const auto size = static_cast<std::size_t>(facts.st_size);
  Tail tail{.whole = size <= most_log_bytes};
  tail.text.resize(std::min(size, most_log_bytes));
  const std::size_t from = size - tail.text.size();
  std::size_t got = 0;
  while (got < tail.text.size()) {
    const ssize_t part = ::pread(file.number(), tail.text.data() + got, tail.text.size() - got,
                                 static_cast<off_t>(from + got));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return fail(system_error("read", path, errno));
    if (part == 0) break;  // it was cut meanwhile
    got += static_cast<std::size_t>(part);
  }
  tail.text.resize(got);
  // The first line was cut in two, most likely.
  if (!tail.whole) tail.text.erase(0, std::min(tail.text.find('\n'), tail.text.size()));
  return tail;
}

std::optional<LogEntry> json_entry(std::string_view line) {
  const auto value = json::parse(line);
  if (!value || !value->is_object()) return std::nullopt;
  const json::Reader from(*value);
  const auto at = from.has("time") ? from.instant("time") : from.instant("timestamp");
  if (!at) return std::nullopt;
  return LogEntry{*at, text_of_entry(from)};
}

std::optional<LogEntry> entry_of(std::string_view line) {
  if (line.starts_with('{')) return json_entry(line);
  std::string_view time = line.substr(0, std::min(line.find(' '), longest_time));
  if (time.starts_with('[')) time.remove_prefix(1);
  if (time.ends_with(']')) time.remove_suffix(1);
  if (time.empty() || time[0] < '0' || time[0] > '9') return std::nullopt;
  const auto at = parse_rfc3339(time);
  if (!at) return std::nullopt;
  return LogEntry{*at, std::string(line)};
}

LogsSeen result_of(const LogCount& count, const Tail& tail, Instant cutover, Duration look_back) {
  const Instant from = cutover - look_back;
  LogsSeen seen = count.result(cutover - std::max(from, count.first().value_or(cutover)));
  if (!count.first() && !tail.text.empty()) {
    seen.seen = false;
    seen.detail = "no line begins with a time";
  }
  if (!tail.whole && count.first() && *count.first() > from) {
    seen.detail +=
        fmt::format("; only the file's end was read, from {}", to_rfc3339(*count.first()));
  }
  return seen;
}

// Every entry of it, in the file's order, with the lines that belong to it.
template <class Take>
void each_entry(std::string_view rest, Take take) {
  std::optional<LogEntry> open;  // what the next lines without a time belong to
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (auto entry = entry_of(line)) {
      if (open) take(*std::move(open));
      open = std::move(entry);
    } else if (open && !line.empty()) {
      open->text += '\n';
      open->text += line;
    }
  }
  if (open) take(*std::move(open));
}

LogsSeen look_at(const LogFile& file, Instant cutover, Duration look_back) {
  const auto tail = tail_of(file.path);
  if (!tail) return {.name = file.name, .seen = false, .detail = tail.error().message};
  LogCount count(file.name, file.patterns, cutover, look_back);
  each_entry(tail->text, [&](const LogEntry& entry) { count.add(entry); });
  return result_of(count, *tail, cutover, look_back);
}

Result<> read_file_lines(const LogFile& file, const LogQuery& query, std::vector<LogLine>& lines) {
  const auto tail = TRY(tail_of(file.path));
  each_entry(tail.text, [&](LogEntry&& entry) {
    if (entry.at < query.since || entry.at >= query.until) return;
    const bool error = is_error(file.patterns, entry.text);
    if (query.errors_only && !error) return;
    lines.push_back(
        {.at = entry.at, .source = file.name, .text = std::move(entry.text), .is_error = error});
  });
  return {};
}

}  // namespace

Result<std::vector<LogsSeen>> LogFiles::look(const Environment& environment, Instant cutover,
                                             Duration look_back) {
  std::vector<LogsSeen> all;
  for (const LogFile& file : config_.files) {
    if (file.environment == environment) all.push_back(look_at(file, cutover, look_back));
  }
  return all;
}

Result<std::vector<LogLine>> LogFiles::read_lines(const LogQuery& query) {
  std::vector<LogLine> lines;
  std::optional<Error> unread;
  bool any = false;
  for (const LogFile& file : config_.files) {
    if (file.environment != query.environment) continue;
    const auto read = read_file_lines(file, query, lines);
    any = any || read.has_value();
    if (!read) unread = read.error();
  }
  if (unread && !any) return fail(*std::move(unread));
  std::ranges::stable_sort(lines, {}, &LogLine::at);
  if (lines.size() > query.limit)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(query.limit));
  return lines;
}

}  // namespace stepback::local
