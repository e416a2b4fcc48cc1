// SPDX-License-Identifier: Apache-2.0
#include "wire/manifest.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/digest.hpp"
#include "wire/pattern.hpp"

namespace stepback {
namespace {

constexpr std::string_view heading = "stepback manifest 1\n";
constexpr std::size_t hash_digits = 64;

char letter_of(const ManifestEntry& entry) {
  switch (entry.kind) {
    case EntryKind::file: return entry.executable ? 'x' : 'f';
    case EntryKind::directory: return 'd';
    case EntryKind::link: return 'l';
  }
  std::unreachable();
}

bool is_hash(std::string_view text) {
  return text.size() == hash_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string_view> take_word(std::string_view& line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space + 1);
  return word;
}

std::optional<ManifestLine> parse_line(std::string_view line) {
  const auto letter = take_word(line);
  const auto size = take_word(line);
  const auto hash = take_word(line);
  if (!letter || !size || !hash || !is_sound_path(line)) return std::nullopt;
  ManifestLine entry{.path = line};
  entry.executable = *letter == "x";
  if (*letter == "d") {
    entry.kind = EntryKind::directory;
    return *hash == "-" && *size == "0" ? std::optional(entry) : std::nullopt;
  }
  if (*letter != "f" && *letter != "x" && *letter != "l") return std::nullopt;
  if (*letter == "l") entry.kind = EntryKind::link;
  const auto read = std::from_chars(size->data(), size->data() + size->size(), entry.size);
  if (read.ec != std::errc() || read.ptr != size->data() + size->size()) return std::nullopt;
  if (!is_hash(*hash)) return std::nullopt;
  entry.sha256 = *hash;
  return entry;
}

std::string in_quotes(std::string_view path) { return "\"" + one_line(path) + "\""; }

std::string_view name_of(EntryKind kind) {
  switch (kind) {
    case EntryKind::file: return "a file";
    case EntryKind::directory: return "a directory";
    case EntryKind::link: return "a link";
  }
  std::unreachable();
}

std::optional<std::string> difference(const ManifestEntry& recorded, const ManifestEntry& found) {
  if (recorded.kind != found.kind) {
    return fmt::format("{} is {} and was {}", in_quotes(recorded.path), name_of(found.kind),
                       name_of(recorded.kind));
  }
  if (recorded.size != found.size) {
    return fmt::format("{} has {} bytes and had {}", in_quotes(recorded.path), found.size,
                       recorded.size);
  }
  if (recorded.executable != found.executable) {
    return fmt::format("{} {} executable", in_quotes(recorded.path),
                       found.executable ? "has become" : "is no longer");
  }
  if (!found.sha256.empty() && recorded.sha256 != found.sha256) {
    return fmt::format("{} has other bytes than were recorded", in_quotes(recorded.path));
  }
  return std::nullopt;
}

}  // namespace

int Manifest::files() const {
  return static_cast<int>(std::ranges::count_if(
      entries, [](const ManifestEntry& entry) { return entry.kind != EntryKind::directory; }));
}

bool is_sound_path(std::string_view path) {
  if (path.empty() || path.size() > longest_path) return false;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') return false;
  }
  while (true) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::string to_text(const Manifest& manifest) {
  std::string text(heading);
  for (const ManifestEntry& entry : manifest.entries) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {}\n", letter_of(entry), entry.size,
                   entry.sha256.empty() ? "-" : entry.sha256, entry.path);
  }
  return text;
}

Result<> read_manifest(std::string_view text,
                       const std::function<void(const ManifestLine&)>& take) {
  if (!text.starts_with(heading)) return fail(Code::corrupt, "the manifest has another heading");
  std::string_view rest = text.substr(heading.size());
  std::string_view before;
  for (std::size_t number = 2; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) {
      return fail(Code::corrupt, fmt::format("line {} of the manifest is cut off", number));
    }
    const auto entry = parse_line(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (!entry) {
      return fail(Code::corrupt, fmt::format("line {} of the manifest makes no sense", number));
    }
    if (before >= entry->path) {
      return fail(Code::corrupt, fmt::format("line {} of the manifest is out of order", number));
    }
    if (number - 2 == most_entries) {
      return fail(Code::corrupt, "the manifest has too many entries");
    }
    before = entry->path;
    take(*entry);
  }
  return {};
}

Result<Manifest> parse_manifest(std::string_view text) {
  Manifest manifest;
  TRY(read_manifest(text, [&](const ManifestLine& line) {
    manifest.entries.push_back({.path = std::string(line.path),
                                .kind = line.kind,
                                .executable = line.executable,
                                .size = line.size,
                                .sha256 = std::string(line.sha256)});
  }));
  return manifest;
}

Digest digest_of_manifest(std::string_view text) { return {sha256_hex(text)}; }

std::optional<std::string> first_difference(const Manifest& recorded, const Manifest& found) {
  auto was = recorded.entries.begin();
  auto is = found.entries.begin();
  while (was != recorded.entries.end() || is != found.entries.end()) {
    const bool no_more = is == found.entries.end();
    if (no_more || (was != recorded.entries.end() && was->path < is->path)) {
      return in_quotes(was->path) + " is missing";
    }
    if (was == recorded.entries.end() || is->path < was->path) {
      return in_quotes(is->path) + " is extra: nobody recorded it";
    }
    if (auto found_difference = difference(*was, *is)) return found_difference;
    ++was;
    ++is;
  }
  return std::nullopt;
}

}  // namespace stepback
