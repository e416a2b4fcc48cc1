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
#include "adapters/local/pattern.hpp"
#include "base/json.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t most_samples = 5;
constexpr std::size_t longest_sample = 200;
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

struct Entry {
  Instant at;
  std::string text;  // what patterns are looked for in
};

std::optional<Entry> json_entry(std::string_view line) {
  const auto value = json::parse(line);
  if (!value || !value->is_object()) return std::nullopt;
  const json::Reader from(*value);
  const auto at = from.has("time") ? from.instant("time") : from.instant("timestamp");
  if (!at) return std::nullopt;
  std::string level = from.text_or("level", "").value_or("");
  for (char& c : level) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return Entry{*at, level + " " + from.text_or("message", "").value_or("")};
}

std::optional<Entry> entry_of(std::string_view line) {
  if (line.starts_with('{')) return json_entry(line);
  std::string_view time = line.substr(0, std::min(line.find(' '), longest_time));
  if (time.starts_with('[')) time.remove_prefix(1);
  if (time.ends_with(']')) time.remove_suffix(1);
  if (time.empty() || time[0] < '0' || time[0] > '9') return std::nullopt;
  const auto at = parse_rfc3339(time);
  if (!at) return std::nullopt;
  return Entry{*at, std::string(line)};
}

bool has_any(std::string_view text, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return !pattern.empty() && text.contains(pattern);
  });
}

// Cut between two characters, not within one.
std::string sample_of(std::string_view text) {
  if (text.size() > longest_sample) {
    std::size_t end = longest_sample;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return one_line(text, 4 * longest_sample);  // an escape is up to four characters
}

class Count {
 public:
  Count(const LogFile& file, Instant cutover, Instant from) : file_(file), cutover_(cutover) {
    from_ = from;
    seen_.name = file.name;
  }

  void add(const Entry& entry) {
    any_ = true;
    if (!first_ || entry.at < *first_) first_ = entry.at;
    const bool after = entry.at >= cutover_;
    if (after) ++seen_.lines;
    if (!after && entry.at < from_) return;
    const bool critical = has_any(entry.text, file_.critical_patterns);
    if (!critical && !has_any(entry.text, file_.error_patterns)) return;
    if (has_any(entry.text, file_.allow)) return;
    if (!after) {
      ++before_;
      return;
    }
    ++(critical ? seen_.critical : seen_.errors);
    if (!seen_.last_error_at || *seen_.last_error_at < entry.at) seen_.last_error_at = entry.at;
    if (seen_.samples.size() < most_samples) seen_.samples.push_back(sample_of(entry.text));
  }

  LogsSeen result(const Tail& tail) {
    if (!any_ && !tail.text.empty()) {
      seen_.seen = false;
      seen_.detail = "no line begins with a time";
      return seen_;
    }
    const Instant known_from = std::max(from_, first_.value_or(cutover_));
    if (known_from < cutover_) {
      const double minutes = static_cast<double>((cutover_ - known_from).count()) / 60'000;
      seen_.usual_errors_per_minute = before_ / std::max(1.0, minutes);
    }
    seen_.detail = fmt::format("{} entries, {} errors and {} critical since the switch",
                               seen_.lines, seen_.errors, seen_.critical);
    if (!tail.whole && first_ && *first_ > from_) {
      seen_.detail += fmt::format("; only the file's end was read, from {}", to_rfc3339(*first_));
    }
    return seen_;
  }

 private:
  const LogFile& file_;
  Instant cutover_;
  Instant from_;  // where the time before the cutover begins that counts as usual
  LogsSeen seen_;
  bool any_ = false;
  std::optional<Instant> first_;
  int before_ = 0;
};

LogsSeen look_at(const LogFile& file, Instant cutover, Duration look_back) {
  const auto tail = tail_of(file.path);
  if (!tail) return {.name = file.name, .seen = false, .detail = tail.error().message};
  Count count(file, cutover, cutover - look_back);
  std::optional<Entry> open;  // what the next lines without a time belong to
  std::string_view rest = tail->text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (auto entry = entry_of(line)) {
      if (open) count.add(*open);
      open = std::move(entry);
    } else if (open && !line.empty()) {
      open->text += '\n';
      open->text += line;
    }
  }
  if (open) count.add(*open);
  return count.result(*tail);
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

}  // namespace stepback::local
