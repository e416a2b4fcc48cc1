// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/releases.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr Duration longest_switch = hours(1);  // for a caller that sets no limit

Error stale(const Environment& environment, std::uint64_t operation, const PointerStamp& stamp) {
  return {Code::conflict,
          fmt::format("the pointer of {} carries number {}, so number {} comes too late: somebody "
                      "newer acts there",
                      environment.name, stamp.operation, operation)};
}

std::string size_of(const VerifiedRelease& release) {
  return fmt::format("{} files, {} bytes", release.files, release.bytes);
}

}  // namespace

Releases::Releases(ReleasesConfig config, const Clock& clock)
    : config_(std::move(config)), clock_(clock) {}

Result<std::string> Releases::root_of(const Environment& environment) const {
  TRY(must_be_plain(environment));
  return fill_in(config_.root, {{"environment", environment.name}});
}

Result<ArtifactReport> Releases::check(const Environment& environment, const Version& version,
                                       const Digest& digest, bool thorough) {
  const std::string root = TRY(root_of(environment));
  TRY(must_be_plain(version));
  const auto releases = ReleaseDirectory::open(root + "/releases");
  Result<VerifiedRelease> release =
      releases ? releases->verify(version, digest,
                                  thorough ? Reading::every_byte : Reading::names_and_sizes)
               : fail(releases.error());
  if (release) {
    return ArtifactReport{ArtifactState::present, size_of(*release), release->files};
  }
  const Error& error = release.error();
  switch (error.code) {
    case Code::not_found: return ArtifactReport{ArtifactState::missing, error.message, 0};
    case Code::corrupt: return ArtifactReport{ArtifactState::altered, error.message, 0};
    case Code::denied: return ArtifactReport{ArtifactState::unreadable, error.message, 0};
    case Code::invalid:
    case Code::conflict:
    case Code::unavailable:
    case Code::timeout:
    case Code::internal: return fail(error);
  }
  std::unreachable();
}

Result<Pointer> Releases::pointer(const Environment& environment) {
  const std::string root = TRY(root_of(environment));
  const LivePointer live = TRY(LivePointer::open(root));
  // The stamp is read before and after: a switch in between would mix two releases' facts.
  PointerStamp stamp = TRY(live.read_stamp());
  for (int tries = 0;; ++tries) {
    const std::string version = TRY(live.version());
    const PointerStamp again = TRY(live.read_stamp());
    const bool is_stable = again.operation == stamp.operation && again.version == stamp.version;
    stamp = again;
    if (!is_stable && tries < 3) continue;
    Pointer pointer{.version = {version}, .operation = stamp.operation};
    const bool is_ours = version == stamp.version;
    pointer.settled = is_ours && stamp.settled == stamp.switched;
    if (is_ours) {
      pointer.digest = {stamp.digest};
    } else if (!version.empty()) {
      // Ahead of its stamp: a switch died on the way, or somebody moved it by hand.
      const auto releases = ReleaseDirectory::open(root + "/releases");
      if (!releases) return fail(releases.error());
      const auto found = releases->verify({version}, {}, Reading::names_and_sizes);
      if (found) pointer.digest = found->digest;
    }
    return pointer;
  }
}

Result<> Releases::stamp(const Environment& environment, std::uint64_t operation) {
  const std::string root = TRY(root_of(environment));
  const LivePointer live = TRY(LivePointer::open(root));
  const FileLock lock = TRY(live.lock());
  PointerStamp stamp = TRY(live.read_stamp());
  if (stamp.operation > operation) return fail(stale(environment, operation, stamp));
  TRY(live.command(clock_).make_way());
  if (stamp.operation == operation) return {};
  stamp.operation = operation;
  return live.write_stamp(stamp);
}

// The number first: from then on nothing older can land, even if we die before the next line.
Result<> Releases::move(const LivePointer& pointer, const Switch& change,
                        const VerifiedRelease& release) {
  PointerStamp stamp = TRY(pointer.read_stamp());
  stamp.operation = change.operation;
  stamp.switched = change.operation;
  TRY(pointer.write_stamp(stamp));
  TRY(pointer.move_to(change.version, release.tree));
  stamp.version = change.version.text;
  stamp.digest = release.digest.hex;
  if (config_.after_switch.empty()) stamp.settled = change.operation;
  return pointer.write_stamp(stamp);
}

Result<Child> Releases::begin_command(const LivePointer& pointer, const Switch& change,
                                      const Digest& digest, Duration deadline) {
  const std::string root = TRY(root_of(change.environment));
  const std::string release = root + "/releases/" + change.version.text;
  const Duration left = deadline - clock_.steady() - config_.grace;
  if (left <= Duration(0)) {
    return fail(Code::timeout, "the switch is made, and no time is left for what follows it");
  }
  Command command{
      .arguments = fill_in(config_.after_switch, {{"environment", change.environment.name},
                                                  {"version", change.version.text},
                                                  {"digest", digest.hex},
                                                  {"release", release}}),
      .environment = config_.variables,
      .directory = config_.directory,
      .limit = std::min(config_.after_switch_limit, left),
      .grace = config_.grace};
  command.environment.emplace_back("STEPBACK_ENVIRONMENT", change.environment.name);
  command.environment.emplace_back("STEPBACK_VERSION", change.version.text);
  command.environment.emplace_back("STEPBACK_DIGEST", digest.hex);
  command.environment.emplace_back("STEPBACK_OPERATION", std::to_string(change.operation));
  command.environment.emplace_back("STEPBACK_RELEASE_DIR", release);
  return pointer.command(clock_).begin(std::move(command), change.operation, change.key);
}

Result<std::string> Releases::settle(const LivePointer& pointer, const Switch& change,
                                     Child child) {
  const pid_t id = child.id();
  const auto ended = child.wait();
  const FileLock lock = TRY(pointer.lock());
  if (!ended) return fail(ended.error());
  TRY(pointer.command(clock_).end(id));
  TRY(must_succeed(*ended, config_.after_switch[0] + ", run after the switch,"));
  PointerStamp stamp = TRY(pointer.read_stamp());
  if (stamp.switched != change.operation) {
    return fail(stale(change.environment, change.operation, stamp));
  }
  stamp.settled = change.operation;
  TRY(pointer.write_stamp(stamp));
  if (stamp.operation != change.operation) {
    return fail(stale(change.environment, change.operation, stamp));
  }
  return fmt::format("switched to {}; {} took {}", change.version.text, config_.after_switch[0],
                     to_short(ended->took));
}

Result<std::string> Releases::switch_to(const Switch& change) {
  const Duration deadline =
      clock_.steady() + (change.limit > Duration(0) ? change.limit : longest_switch);
  const std::string root = TRY(root_of(change.environment));
  const ReleaseDirectory releases = TRY(ReleaseDirectory::open(root + "/releases"));
  const VerifiedRelease release =
      TRY(releases.verify(change.version, change.digest, Reading::every_byte));
  const LivePointer live = TRY(LivePointer::open(root));
  std::optional<Child> child;
  {
    const FileLock lock = TRY(live.lock());
    const PointerStamp stamp = TRY(live.read_stamp());
    const std::string version = TRY(live.version());
    const bool is_same = stamp.operation == change.operation &&
                         stamp.switched == change.operation && version == change.version.text &&
                         stamp.digest == release.digest.hex;
    if (stamp.operation >= change.operation && !is_same) {
      return fail(stale(change.environment, change.operation, stamp));
    }
    TRY(live.command(clock_).make_way());
    const std::string done = fmt::format("switched to {} ({})", version, size_of(release));
    if (is_same && stamp.settled == change.operation) return done + ", already before";
    if (clock_.steady() >= deadline) {
      return fail(Code::timeout, "verifying took all of the time; the pointer was not touched");
    }
    if (!is_same) TRY(move(live, change, release));
    if (config_.after_switch.empty()) {
      return fmt::format("switched to {} ({})", change.version.text, size_of(release));
    }
    Child begun = TRY(begin_command(live, change, release.digest, deadline));
    child.emplace(std::move(begun));
  }
  return settle(live, change, std::move(*child));
}

Result<Digest> Releases::publish(const Environment& environment, const Version& version,
                                 const std::string& from_directory) {
  const std::string root = TRY(root_of(environment));
  TRY(make_directories(root + "/releases", shared_mode));
  const ReleaseDirectory releases = TRY(ReleaseDirectory::open(root + "/releases"));
  return releases.publish(version, from_directory);
}

Result<std::vector<Shelved>> Releases::list(const Environment& environment, std::size_t limit) {
  const std::string root = TRY(root_of(environment));
  const auto releases = ReleaseDirectory::open(root + "/releases");
  if (!releases && releases.error().code == Code::not_found) return std::vector<Shelved>{};
  if (!releases) return fail(releases.error());
  std::vector<Shelved> all;
  for (const PublishedRelease& release : TRY(releases->list())) {
    if (all.size() == limit) break;
    all.push_back({.version = release.version,
                   .digest = release.digest,
                   .files = release.files,
                   .bytes = release.bytes,
                   .location = root + "/releases/" + release.version.text,
                   .written_at = release.published_at,
                   .expires_at = {}});
  }
  return all;
}

Result<Shelved> Releases::find(const Environment& environment, const Version& version) {
  const auto all = TRY(list(environment, static_cast<std::size_t>(-1)));
  const auto found = std::ranges::find(all, version, &Shelved::version);
  if (found != all.end()) return *found;
  return fail(Code::not_found, version.text + " does not lie in " + TRY(root_of(environment)));
}

Result<Missing> Releases::missing(const Environment& environment, const Version& version) {
  TRY(must_be_plain(version));
  const std::string root = TRY(root_of(environment));
  return Missing{.since = {},
                 .detail = "there is nothing in " + root + "/releases/" + version.text};
}

Result<std::string> Releases::restore(const Environment&, const Version& version) {
  return fail(Code::not_found, "on one machine nothing is kept of what was deleted: publish " +
                                   version.text + " again");
}

Result<ShelfRules> Releases::rules(const Environment& environment) {
  const std::string root = TRY(root_of(environment));
  return ShelfRules{.kept_for = {},
                    .detail = "nothing takes versions away from " + root + "/releases by itself"};
}

Result<Digest> Releases::digest_of(const Environment&, const std::string& directory) {
  const Descriptor source = TRY(open_directory(directory));
  return digest_of_manifest(to_text(TRY(read_tree(source, Reading::every_byte))));
}

Result<int> Releases::prune(const Environment& environment, const std::set<Version>& keep) {
  const std::string root = TRY(root_of(environment));
  const ReleaseDirectory releases = TRY(ReleaseDirectory::open(root + "/releases"));
  const LivePointer live = TRY(LivePointer::open(root));
  // Under the lock, so that nobody switches to a release that is about to go.
  const FileLock lock = TRY(live.lock());
  const std::string current = TRY(live.version());
  TRY(releases.clear_leftovers());
  int removed = 0;
  for (const PublishedRelease& release : TRY(releases.list())) {
    if (release.version.text == current || keep.contains(release.version)) continue;
    TRY(releases.remove(release.version));
    ++removed;
  }
  return removed;
}

}  // namespace stepback::local
