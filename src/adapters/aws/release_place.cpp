// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/release_place.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

constexpr std::string_view etags_heading = "stepback etags 1 ";

std::string filled(const ReleasePlace& place, std::string_view pattern) {
  return fill_in(pattern, {{"environment", place.environment.name}});
}

Result<std::string> filled(const ReleasePlace& place, std::string_view pattern,
                           const Version& version) {
  TRY(must_be_plain(version));
  return fill_in(pattern, {{"environment", place.environment.name}, {"version", version.text}});
}

bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string_view::npos;
}

bool is_prefix(std::string_view prefix) { return prefix.empty() || prefix.ends_with('/'); }

}  // namespace

Result<> must_be_sound(const ReleasePlace& place) {
  TRY(must_be_plain(place.environment));
  const auto source = filled(place, place.source_bucket);
  const auto target = filled(place, place.target_bucket);
  for (const auto& bucket : {source, target})
    if (!is_bucket_name(bucket))
      return fail(Code::invalid, "not the name of a bucket: " + one_line(bucket));
  if (!is_prefix(place.source_prefix) || !is_prefix(place.target_prefix))
    return fail(Code::invalid, "a prefix on S3 ends with a slash");
  if (place.pointer_key.empty()) return fail(Code::invalid, "the pointer has no key");
  for (const auto& pattern : {place.source_prefix, place.manifest_key})
    if (!pattern.contains("{version}"))
      return fail(Code::invalid, one_line(pattern) + " names no {version}: releases would mix");
  const auto prefix = filled(place, place.target_prefix);
  const bool takes_in =
      filled(place, place.source_prefix).starts_with(prefix) ||
      filled(place, place.manifest_key).starts_with(prefix) ||
      prefix.starts_with(place.source_prefix.substr(0, place.source_prefix.find('{')));
  if (source == target && takes_in)
    return fail(Code::invalid,
                fmt::format("{} can't be where the releases of {} lie and where they run from",
                            source, place.environment.name));
  return {};
}

Result<Tree> source_of(const ReleasePlace& place, const Version& version) {
  auto prefix = TRY(filled(place, place.source_prefix, version));
  return Tree{filled(place, place.source_bucket), std::move(prefix)};
}

Result<ObjectName> manifest_of(const ReleasePlace& place, const Version& version) {
  auto key = TRY(filled(place, place.manifest_key, version));
  return ObjectName{filled(place, place.source_bucket), std::move(key)};
}

Result<ObjectName> etags_of(const ReleasePlace& place, const Version& version) {
  auto name = TRY(manifest_of(place, version));
  name.key += ".etags";
  return name;
}

Tree target_of(const ReleasePlace& place) {
  return {filled(place, place.target_bucket), filled(place, place.target_prefix)};
}

ObjectName pointer_of(const ReleasePlace& place) { return target_of(place).at(place.pointer_key); }

std::size_t ReleaseContent::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(files, path, {}, &ReleaseFile::path);
  if (found == files.end() || found->path != path) return files.size();
  return static_cast<std::size_t>(found - files.begin());
}

std::string ReleaseContent::size() const {
  return fmt::format("{} files, {} bytes", files.size(), bytes);
}

Result<ReleaseContent> read_release(std::string text) {
  ReleaseContent release;
  release.text = std::make_unique<const std::string>(std::move(text));
  release.digest = digest_of_manifest(*release.text);
  std::string_view link;
  TRY(read_manifest(*release.text, [&](const ManifestLine& line) {
    if (line.kind == EntryKind::directory) return;
    if (line.kind == EntryKind::link) link = line.path;
    release.files.push_back({line.path, line.sha256, line.size});
    release.bytes += line.size;
  }));
  if (link.empty()) return release;
  return fail(Code::corrupt, fmt::format("{} is a link, and S3 holds none", one_line(link)));
}

std::string etags_text(const ReleaseContent& release, const std::vector<std::string>& etags) {
  auto text = std::string(etags_heading) + release.digest.hex + '\n';
  for (const auto& etag : etags) (text += etag) += '\n';
  return text;
}

std::vector<std::string> read_etags(std::string_view text, const ReleaseContent& release) {
  const auto heading = std::string(etags_heading) + release.digest.hex + '\n';
  if (!text.starts_with(heading)) return {};
  text.remove_prefix(heading.size());
  std::vector<std::string> etags;
  etags.reserve(release.files.size());
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    etags.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (etags.size() != release.files.size() || !text.empty()) return {};
  return etags;
}

}  // namespace stepback::aws
