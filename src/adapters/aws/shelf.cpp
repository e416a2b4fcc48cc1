// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/shelf.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "adapters/aws/publishing.hpp"
#include "adapters/aws/s3_answers.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

constexpr std::size_t most_manifest_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_looked_at = 1000;
constexpr std::string_view hole = "{version}";

// What stands before and after the version in a manifest's key.
struct Around {
  std::string before;
  std::string after;
};
Around around_version(const ReleasePlace& place) {
  const auto key = fill_in(place.manifest_key, {{"environment", place.environment.name}});
  const auto at = key.find(hole);
  if (at == std::string::npos) return {key, ""};
  return {key.substr(0, at), key.substr(at + hole.size())};
}

// What went when it was as old as a rule lets things become was not taken by hand, as far as one
// can tell.
bool is_of_a_rule(Instant deleted, Instant written, const std::vector<ExpiryRule>& rules,
                  std::string_view key) {
  return std::ranges::any_of(rules, [&](const ExpiryRule& rule) {
    return rule.enabled && rule.days && key.starts_with(rule.prefix) &&
           deleted - written >= days(*rule.days);
  });
}

std::optional<Instant> moment(const std::string& text) {
  const auto at = parse_rfc3339(text);
  return at ? std::optional(*at) : std::nullopt;
}

}  // namespace

Result<const ReleasePlace*> S3Shelf::place_of(const Environment& environment) const {
  const auto found = std::ranges::find(places_, environment, &ReleasePlace::environment);
  if (found != places_.end()) return &*found;
  return fail(Code::invalid, "no place on S3 is configured for " + one_line(environment.name));
}

Result<std::vector<Shelved>> S3Shelf::list(const Environment& environment, std::size_t limit) {
  const auto& place = *TRY(place_of(environment));
  const auto bucket = fill_in(place.source_bucket, {{"environment", environment.name}});
  const auto around = around_version(place);
  std::vector<std::pair<Instant, Version>> versions;
  const auto take = [&](Listed&& object) {
    if (!object.key.ends_with(around.after)) return true;
    auto version = parse_version(object.key.substr(0, object.key.size() - around.after.size()));
    if (version) versions.emplace_back(object.modified.value_or(Instant{}), *std::move(version));
    return versions.size() < most_looked_at;
  };
  const auto listed = s3_.list(bucket, around.before, take);
  if (!listed) return fail(to_error(listed.error()).during("listing the releases in " + bucket));
  std::ranges::stable_sort(versions, std::ranges::greater(), &std::pair<Instant, Version>::first);
  std::vector<Shelved> all;
  for (const auto& [at, version] : versions) {
    if (all.size() == limit) break;
    auto found = find(environment, version);
    // One that has gone meanwhile, or can't be read: it is there by name.
    all.push_back(found ? *std::move(found)
                        : Shelved{.version = version, .written_at = at, .expires_at = {}});
  }
  return all;
}

Result<Shelved> S3Shelf::find(const Environment& environment, const Version& version) {
  const auto& place = *TRY(place_of(environment));
  const auto name = TRY(manifest_of(place, version));
  const auto source = TRY(source_of(place, version));
  auto object = s3_.get(name, most_manifest_bytes);
  if (!object) return fail(to_error(object.error()).during("release " + version.text));
  const auto facts = object->facts;
  const auto release = read_release(std::move(object->bytes));
  if (!release) return fail(release.error().during("release " + version.text));
  Shelved shelved{.version = version,
                  .digest = release->digest,
                  .files = static_cast<int>(release->files.size()),
                  .bytes = release->bytes,
                  .location = fmt::format("s3://{}/{}", source.bucket, source.prefix),
                  .written_at = facts.modified,
                  .expires_at = read_expiry(facts.expires)};
  // The files may be under a rule that the manifest is not under.
  if (shelved.written_at) {
    const auto by_rule = expiry_by_rule(place, version, *shelved.written_at);
    if (by_rule && (!shelved.expires_at || *by_rule < *shelved.expires_at))
      shelved.expires_at = by_rule;
  }
  return shelved;
}

std::optional<Instant> S3Shelf::expiry_by_rule(const ReleasePlace& place, const Version& version,
                                               Instant written) {
  const auto source = source_of(place, version);
  if (!source) return std::nullopt;
  const auto rules = s3_.expiry_rules(source->bucket);
  if (!rules) return std::nullopt;
  std::optional<Instant> first;
  for (const auto& rule : *rules) {
    const bool applies =
        source->prefix.starts_with(rule.prefix) || rule.prefix.starts_with(source->prefix);
    if (!rule.enabled || rule.narrowed || !rule.days || !applies) continue;
    const auto at = written + days(*rule.days);
    if (!first || at < *first) first = at;
  }
  return first;
}

Result<std::vector<ObjectVersion>> S3Shelf::kept(const ReleasePlace& place,
                                                 const Version& version) {
  const auto source = TRY(source_of(place, version));
  const auto manifest = TRY(manifest_of(place, version));
  std::vector<ObjectVersion> all;
  for (const auto& prefix : {source.prefix, manifest.key}) {
    auto found = s3_.versions(source.bucket, prefix);
    if (!found) return fail(to_error(found.error()).during("looking what is kept of " + prefix));
    std::ranges::move(*found, std::back_inserter(all));
  }
  return all;
}

Result<Missing> S3Shelf::missing(const Environment& environment, const Version& version) {
  const auto& place = *TRY(place_of(environment));
  const auto source = TRY(source_of(place, version));
  const auto versions = TRY(kept(place, version));
  const auto where = fmt::format("s3://{}/{}", source.bucket, source.prefix);
  const auto marker = std::ranges::find_if(
      versions, [](const ObjectVersion& each) { return each.is_latest && each.is_delete_marker; });
  if (marker == versions.end()) {
    return Missing{.since = {},
                   .detail = versions.empty()
                                 ? where +
                                       " holds nothing, and nothing older is kept: it was never "
                                       "published there, or went for good"
                                 : where + " holds a part of it only"};
  }
  const auto older = std::ranges::find_if(versions, [&](const ObjectVersion& each) {
    return each.key == marker->key && !each.is_delete_marker;
  });
  Missing missing{.how = Absence::deleted, .since = moment(marker->modified), .detail = where};
  missing.restorable = older != versions.end();
  const auto rules = s3_.expiry_rules(source.bucket);
  const auto written = older != versions.end() ? moment(older->modified) : std::nullopt;
  if (rules && missing.since && written &&
      is_of_a_rule(*missing.since, *written, *rules, marker->key))
    missing.how = Absence::expired;
  missing.detail +=
      missing.how == Absence::expired ? " was taken away by a lifecycle rule" : " was deleted";
  missing.detail += missing.restorable ? ", and is still kept" : ", and is kept no longer";
  return missing;
}

Result<std::string> S3Shelf::restore(const Environment& environment, const Version& version) {
  const auto& place = *TRY(place_of(environment));
  const auto source = TRY(source_of(place, version));
  const auto versions = TRY(kept(place, version));
  std::set<std::string> with_bytes;
  for (const auto& each : versions)
    if (!each.is_delete_marker) with_bytes.insert(each.key);
  // Every marker of a key that lies above its newest bytes: the list has the newest first.
  std::vector<ObjectVersion> markers;
  std::set<std::string> reached;
  for (const auto& each : versions) {
    if (!each.is_delete_marker) reached.insert(each.key);
    if (each.is_delete_marker && !reached.contains(each.key) && with_bytes.contains(each.key))
      markers.push_back(each);
  }
  if (markers.empty()) {
    return fail(Code::not_found, fmt::format("nothing is kept behind a delete marker in s3://{}/{}",
                                             source.bucket, source.prefix));
  }
  const auto removed = s3_.remove_versions(source.bucket, markers);
  if (!removed)
    return fail(to_error(removed.error()).during("removing the delete markers of " + version.text));
  return fmt::format("{} objects of {} are there again", markers.size(), version.text);
}

Result<ShelfRules> S3Shelf::rules(const Environment& environment) {
  const auto& place = *TRY(place_of(environment));
  const auto bucket = fill_in(place.source_bucket, {{"environment", environment.name}});
  const auto keeps = s3_.keeps_versions(bucket);
  if (!keeps) return fail(to_error(keeps.error()).during("asking for the versioning of " + bucket));
  const auto found = s3_.expiry_rules(bucket);
  if (!found) return fail(to_error(found.error()).during("asking for the lifecycle of " + bucket));
  ShelfRules rules{.keeps_deleted = *keeps, .kept_for = {}, .detail = bucket};
  rules.detail += *keeps ? " keeps what is deleted" : " keeps nothing of what is deleted";
  for (const auto& rule : *found) {
    if (!rule.enabled || !rule.days) continue;
    const Duration kept = days(*rule.days);
    if (!rule.narrowed && (!rules.kept_for || kept < *rules.kept_for)) rules.kept_for = kept;
    rules.detail +=
        fmt::format("; rule {} takes {} away after {} days", one_line(rule.id, 80),
                    rule.prefix.empty() ? "everything" : one_line(rule.prefix, 80), *rule.days);
  }
  return rules;
}

Result<Digest> S3Shelf::digest_of(const Environment&, const std::string& directory) {
  return digest_of_directory(directory);
}

}  // namespace stepback::aws
