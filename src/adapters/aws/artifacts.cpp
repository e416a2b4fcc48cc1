// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/artifacts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <utility>

#include "adapters/aws/absence.hpp"
#include "adapters/aws/many.hpp"
#include "adapters/aws/publishing.hpp"
#include "base/random.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

constexpr Duration longest_switch = hours(1);  // for a caller that sets no limit
constexpr Duration between_looks = seconds(2);
constexpr Duration a_copy_takes = seconds(3);  // as a rule
constexpr int most_rounds = 5;
constexpr std::uint64_t most_spots = 3;

Error stale(const Environment& environment, std::uint64_t operation, std::uint64_t there) {
  return {Code::conflict,
          fmt::format("the pointer of {} carries number {}, so number {} comes too late: somebody "
                      "newer acts there",
                      environment.name, there, operation)};
}

std::string mark_of(const Switch& change) {
  return fmt::format("{} {}", change.operation, change.version.text);
}

// Nobody newer was there, nor anybody with our number and another release.
Result<> must_be_ours(const PointerObject& seen, const Switch& change) {
  const bool is_switched_to_another =
      seen.switched == change.operation && seen.version != change.version;
  const bool is_begun_with_another =
      seen.switching.starts_with(fmt::format("{} ", change.operation)) &&
      seen.switching != mark_of(change);
  const bool is_another = is_switched_to_another || is_begun_with_another;
  if (seen.operation > change.operation || is_another)
    return fail(stale(change.environment, change.operation, seen.operation));
  return {};
}

Result<PointerObject> begun(PointerObject seen, const Switch& change) {
  TRY(must_be_ours(seen, change));
  seen.operation = change.operation;
  seen.switching = mark_of(change);
  return seen;
}

Result<PointerObject> switched(PointerObject seen, const Switch& change, const Digest& digest,
                               bool is_settled) {
  TRY(must_be_ours(seen, change));
  seen.version = change.version;
  seen.digest = digest;
  seen.operation = change.operation;
  seen.switched = change.operation;
  if (is_settled) seen.settled = change.operation;
  seen.switching.clear();
  return seen;
}

// Asked before each copy: is there time left, and is nobody newer at it? The pointer is looked at
// now and then only, by one of the threads.
class Leave {
 public:
  Leave(const PointerStore& pointer, const Switch& change, Duration deadline, const Clock& clock)
      : pointer_(pointer), change_(change), deadline_(deadline), clock_(clock) {
    next_look_ = (clock.steady() + between_looks).count();
  }

  Result<> ask() {
    const auto now = clock_.steady();
    if (now >= deadline_)
      return fail(Code::timeout, "copying took all of the time; asked again, it is carried on");
    auto due = next_look_.load();
    if (now.count() < due) return {};
    if (!next_look_.compare_exchange_strong(due, (now + between_looks).count())) return {};
    return must_be_ours(TRY(pointer_.read()), change_);
  }

 private:
  const PointerStore& pointer_;
  const Switch& change_;
  Duration deadline_;
  const Clock& clock_;
  std::atomic<Duration::rep> next_look_;
};

}  // namespace

struct S3Artifacts::Gathered {
  ReleaseContent release;
  TreeSeen source;
  TreeSeen target;
  PointerObject pointer;
  std::string etags;                // as they were recorded, or empty
  std::vector<std::string> proven;  // in the files' order
};

Result<std::unique_ptr<S3Artifacts>> S3Artifacts::make(std::vector<ReleasePlace> places, S3& s3,
                                                       const Clock& clock, Waiter& waiter) {
  for (const auto& place : places) {
    TRY(must_be_sound(place));
    if (std::ranges::count(places, place.environment, &ReleasePlace::environment) > 1)
      return fail(Code::invalid, place.environment.name + " has two places for its releases");
  }
  return std::unique_ptr<S3Artifacts>(new S3Artifacts(std::move(places), s3, clock, waiter));
}

Result<const ReleasePlace*> S3Artifacts::place_of(const Environment& environment) const {
  const auto found = std::ranges::find(places_, environment, &ReleasePlace::environment);
  if (found != places_.end()) return &*found;
  return fail(Code::invalid, "no place on S3 is configured for " + one_line(environment.name));
}

Result<ReleaseContent> S3Artifacts::fetch(const ReleasePlace& place, const Version& version,
                                          const Digest& digest) {
  const auto name = TRY(manifest_of(place, version));
  const auto deed = "release " + version.text;
  auto object = s3_.get(name, most_manifest_bytes);
  if (!object) return fail(to_error(object.error()).during(deed + " has no readable manifest"));
  auto release = read_release(std::move(object->bytes));
  if (!release) return fail(release.error().during(deed));
  release->expires = std::move(object->facts.expires);
  if (!digest.empty() && release->digest != digest)
    return fail(Code::corrupt, fmt::format("{} is not the one that was recorded: its manifest is "
                                           "{} and was {}",
                                           deed, release->digest.hex, one_line(digest.hex)));
  if (release->find(place.pointer_key) != release->files.size())
    return fail(Code::invalid,
                fmt::format("{} holds a file where the pointer is: {}", deed, place.pointer_key));
  return release;
}

Result<ArtifactReport> S3Artifacts::check(const Environment& environment, const Version& version,
                                          const Digest& digest, bool thorough) {
  const auto& place = *TRY(place_of(environment));
  const auto source = TRY(source_of(place, version));
  const auto manifest = TRY(manifest_of(place, version));
  Result<ReleaseContent> release = fail(Code::internal, "");
  std::latch fetched(1);
  const auto fetch_it = [&]() -> Result<> {
    release = fetch(place, version, digest);
    fetched.count_down();
    return {};
  };
  Result<TreeSeen> seen = fail(Code::internal, "");
  const auto list_it = [&]() -> Result<> {
    seen = list_tree(s3_, source, [&]() -> const ReleaseContent* {
      fetched.wait();
      return release ? &*release : nullptr;
    });
    return {};
  };
  TRY(side_by_side({fetch_it, list_it}));
  if (!release) return report_on(s3_, manifest, release.error());
  if (!seen) return report_on(s3_, source.at(""), seen.error());
  if (const auto difference = first_difference(*release, *seen)) {
    const auto name = source.at(release->files[difference->file].path);
    if (difference->is_gone)
      return ArtifactReport{ArtifactState::missing, explain_absence(s3_, name), 0};
    if (difference->is_archived)
      return ArtifactReport{ArtifactState::unreadable,
                            difference->what +
                                ": restore it first (aws s3api restore-object), "
                                "which takes hours",
                            0};
    return ArtifactReport{ArtifactState::altered, difference->what, 0};
  }
  if (thorough) {
    std::vector<std::string> proven;
    const auto all = prove_all(s3_, {source, *release, *seen, proven});
    if (!all) return report_on(s3_, source.at(""), all.error());
  }
  auto detail = release->size();
  if (!release->expires.empty()) detail += "; it expires: " + one_line(release->expires, 200);
  return ArtifactReport{ArtifactState::present, std::move(detail),
                        static_cast<int>(release->files.size())};
}

Result<Pointer> S3Artifacts::pointer(const Environment& environment) {
  const auto& place = *TRY(place_of(environment));
  const auto seen = TRY(PointerStore(s3_, place).read());
  Pointer pointer{.version = seen.version, .digest = seen.digest, .operation = seen.operation};
  pointer.settled = seen.switching.empty() && seen.settled == seen.switched;
  pointer.follows_elsewhere = place.after_switch != nullptr;
  if (!pointer.digest.empty() || pointer.version.empty()) return pointer;
  // Somebody else wrote it. What S3 keeps of the manifest's bytes is the digest.
  const auto manifest = s3_.head(TRY(manifest_of(place, seen.version)));
  if (manifest) pointer.digest = {manifest->sha256};
  return pointer;
}

Result<> S3Artifacts::stamp(const Environment& environment, std::uint64_t operation) {
  const auto& place = *TRY(place_of(environment));
  const PointerStore store(s3_, place);
  const auto raise = [&](PointerObject seen) -> Result<PointerObject> {
    if (seen.operation > operation) return fail(stale(environment, operation, seen.operation));
    seen.operation = operation;
    return seen;
  };
  auto seen = TRY(store.read());
  TRY(store.update(std::move(seen), raise));
  return {};
}

// All at once: the lists wait for the manifest only when their first page is there.
Result<S3Artifacts::Gathered> S3Artifacts::gather(const ReleasePlace& place, const Switch& change) {
  const auto source = TRY(source_of(place, change.version));
  const auto target = target_of(place);
  Gathered gathered;
  bool is_fetched = false;
  std::latch fetched(1);
  const auto wanted = [&]() -> const ReleaseContent* {
    fetched.wait();
    return is_fetched ? &gathered.release : nullptr;
  };
  const auto fetch_it = [&]() -> Result<> {
    auto release = fetch(place, change.version, change.digest);
    is_fetched = release.has_value();
    if (is_fetched) gathered.release = *std::move(release);
    fetched.count_down();
    if (!is_fetched) return fail(release.error());
    return {};
  };
  const auto list = [&](const Tree& tree, TreeSeen& into) -> Result<> {
    into = TRY(list_tree(s3_, tree, wanted));
    return {};
  };
  const auto read_pointer = [&]() -> Result<> {
    gathered.pointer = TRY(PointerStore(s3_, place).read());
    return {};
  };
  const auto etags = TRY(etags_of(place, change.version));
  const auto read_recorded = [&]() -> Result<> {
    auto object = s3_.get(etags, most_manifest_bytes);
    if (object) gathered.etags = std::move(object->bytes);
    return {};
  };
  TRY(side_by_side({fetch_it, [&] { return list(source, gathered.source); },
                    [&] { return list(target, gathered.target); }, read_pointer, read_recorded}));
  return gathered;
}

Result<> S3Artifacts::prove_source(const ReleasePlace& place, const Switch& change,
                                   Gathered& gathered) {
  const auto deed = "release " + change.version.text;
  if (const auto difference = first_difference(gathered.release, gathered.source))
    return fail(difference->is_archived ? Code::denied : Code::corrupt,
                deed + ": " + difference->what);
  const auto source = TRY(source_of(place, change.version));
  gathered.proven = read_etags(gathered.etags, gathered.release);
  const auto all = prove_all(s3_, {source, gathered.release, gathered.source, gathered.proven});
  if (!all) return fail(all.error().during(deed));
  return {};
}

Result<> S3Artifacts::fill_target(const ReleasePlace& place, const Switch& change,
                                  Duration deadline, Gathered& gathered, std::string& done) {
  const auto source = TRY(source_of(place, change.version));
  const auto target = target_of(place);
  const PointerStore store(s3_, place);
  Leave leave(store, change, deadline, clock_);
  const bool another_was_at_it =
      !gathered.pointer.switching.empty() && gathered.pointer.switching != mark_of(change);
  // What its files are listed with once they are ours: at first as the source is, for a copy keeps
  // the ETag as a rule, and then whatever the copies were given.
  auto ours = gathered.proven;
  std::size_t copied = 0;
  std::size_t deleted = 0;
  for (int rounds = 0;; ++rounds) {
    Restore work{.from = source,
                 .to = target,
                 .release = gathered.release,
                 .proven = gathered.proven,
                 .copied = ours,
                 .files = {},
                 .extras = {},
                 .may_go_on = [&] { return leave.ask(); }};
    for (std::size_t i = 0; i < gathered.release.files.size(); ++i) {
      const auto& there = gathered.target.files[i];
      if (!there.is_there || there.is_archived || there.etag != ours[i]) work.files.push_back(i);
    }
    if (place.remove_extras) work.extras = std::move(gathered.target.extras);
    std::erase(work.extras, place.pointer_key);
    // One that an older switch may still write to is as it should be only when that has ended.
    const bool may_still_change = rounds == 0 && another_was_at_it;
    if (work.files.empty() && work.extras.empty() && !may_still_change) break;
    if (rounds == most_rounds)
      return fail(Code::unavailable, "somebody else keeps writing to " + target.bucket);
    copied += work.files.size();
    deleted += work.extras.size();
    TRY(leave.ask());
    if (rounds == 0)
      gathered.pointer = TRY(store.update(
          gathered.pointer, [&](const PointerObject& seen) { return begun(seen, change); }));
    TRY(restore(s3_, work));
    // An older switch stops when it next looks at the pointer; what it had asked for still lands.
    if (may_still_change && !waiter_.wait(between_looks + a_copy_takes))
      return fail(Code::timeout, "interrupted while an older switch came to its end");
    gathered.target =
        TRY(list_tree(s3_, target, [&]() -> const ReleaseContent* { return &gathered.release; }));
  }
  done = fmt::format("{} copied, {} deleted", copied, deleted);
  return {};
}

Result<std::string> S3Artifacts::switch_to(const Switch& change) {
  const auto deadline =
      clock_.steady() + (change.limit > Duration(0) ? change.limit : longest_switch);
  const auto& place = *TRY(place_of(change.environment));
  auto gathered = TRY(gather(place, change));
  TRY(must_be_ours(gathered.pointer, change));
  const auto& digest = gathered.release.digest;
  const auto& seen = gathered.pointer;
  if (seen.operation == change.operation && seen.switched == change.operation &&
      seen.digest == digest && seen.switching.empty()) {
    if (seen.settled != change.operation) return settle(place, change, seen);
    return fmt::format("switched to {} ({}), already before", change.version.text,
                       gathered.release.size());
  }
  TRY(prove_source(place, change, gathered));
  std::string done;
  TRY(fill_target(place, change, deadline, gathered, done));
  const auto pointer =
      TRY(PointerStore(s3_, place).update(gathered.pointer, [&](const PointerObject& now) {
        return switched(now, change, digest, !place.after_switch);
      }));
  if (place.after_switch) return settle(place, change, pointer);
  return fmt::format("switched to {} ({}; {})", change.version.text, gathered.release.size(), done);
}

Result<std::string> S3Artifacts::settle(const ReleasePlace& place, const Switch& change,
                                        PointerObject pointer) {
  std::string followed;
  if (place.after_switch) followed = "; " + TRY(place.after_switch(change));
  const auto settled = [&](PointerObject now) -> Result<PointerObject> {
    TRY(must_be_ours(now, change));
    if (now.switched != change.operation)
      return fail(stale(change.environment, change.operation, now.operation));
    now.settled = change.operation;
    return now;
  };
  TRY(PointerStore(s3_, place).update(std::move(pointer), settled));
  return fmt::format("switched to {}{}", change.version.text, followed);
}

Result<Digest> S3Artifacts::publish(const Environment& environment, const Version& version,
                                    const std::string& from_directory) {
  const auto& place = *TRY(place_of(environment));
  auto source = TRY(source_of(place, version));
  auto manifest = TRY(manifest_of(place, version));
  auto etags = TRY(etags_of(place, version));
  return publish_to(s3_, {.to = std::move(source),
                          .manifest = std::move(manifest),
                          .etags = std::move(etags),
                          .version = version,
                          .from_directory = from_directory});
}

std::string S3Artifacts::location(const Environment& environment, const Version& version) const {
  const auto place = place_of(environment);
  if (!place) return {};
  const auto tree = source_of(**place, version);
  return tree ? fmt::format("s3://{}/{}", tree->bucket, tree->prefix) : std::string();
}

Result<std::string> S3Artifacts::spot_check(const Environment& environment, std::uint64_t seed) {
  const auto& place = *TRY(place_of(environment));
  const auto pointer = TRY(PointerStore(s3_, place).read());
  const auto release = TRY(fetch(place, pointer.version, pointer.digest));
  if (release.files.empty()) return std::string("the release has no files");
  Random random(seed);
  const auto count = std::min<std::uint64_t>(most_spots, release.files.size());
  TRY(do_many({.count = count,
               .deed = [&, at = random.below(release.files.size())](std::size_t i) -> Result<> {
                 const auto& file = release.files[(at + i) % release.files.size()];
                 const auto name = target_of(place).at(file.path);
                 const auto facts = s3_.head(name);
                 if (!facts) return fail(to_error(facts.error()).during(name.key));
                 return prove(s3_, name, file, *facts);
               },
               .refused = nullptr}));
  return fmt::format("{} of its {} files have the bytes of its manifest", count,
                     release.files.size());
}

}  // namespace stepback::aws
