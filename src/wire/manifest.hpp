// SPDX-License-Identifier: Apache-2.0
#pragma once

// Manifest: what a release consists of, to the byte. Its text is canonical (sorted, one line for
// each entry), and the SHA-256 of that text is the release's Digest. Values.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/deployment.hpp"

namespace stepback {

inline constexpr std::size_t most_entries = 100'000;
inline constexpr std::size_t most_manifest_bytes = 64 * 1024 * 1024;
inline constexpr std::size_t longest_path = 1024;

enum class EntryKind { file, directory, link };

struct ManifestEntry {
  std::string path;  // relative, with slashes, without "." and ".."
  EntryKind kind = EntryKind::file;
  bool executable = false;
  std::uint64_t size = 0;
  std::string sha256;  // of a file's bytes or a link's target; empty: not read

  bool operator==(const ManifestEntry&) const = default;
};

struct Manifest {
  std::vector<ManifestEntry> entries;  // by path

  int files() const;
  bool operator==(const Manifest&) const = default;
};

// An entry as it stands in a manifest's text, and only as long as the text does.
struct ManifestLine {
  std::string_view path;
  EntryKind kind = EntryKind::file;
  bool executable = false;
  std::uint64_t size = 0;
  std::string_view sha256;  // empty for a directory
};

std::string to_text(const Manifest& manifest);
// One by one, for whoever keeps less than the whole. corrupt unless to_text could write it; then
// some may have been taken already.
Result<> read_manifest(std::string_view text, const std::function<void(const ManifestLine&)>& take);
Result<Manifest> parse_manifest(std::string_view text);  // corrupt unless to_text could write it
Digest digest_of_manifest(std::string_view text);

// A path that two systems understand alike: no control characters, no backslash, no empty, "." or
// ".." part, at most 1024 bytes.
bool is_sound_path(std::string_view path);

// The first thing in which `found` is not what was recorded, named, or nothing. Bytes are compared
// where `found` has read them.
std::optional<std::string> first_difference(const Manifest& recorded, const Manifest& found);

}  // namespace stepback
