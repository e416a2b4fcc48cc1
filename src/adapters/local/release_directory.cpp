// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/release_directory.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/random.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {

// A directory of our own beside the releases, locked for as long as we live: what a dead publisher
// left is known by its free lock.
struct ReleaseDirectory::Incoming {
  std::string name;
  Descriptor tree;
};

namespace {

constexpr std::string_view manifest_ending = ".manifest";
constexpr std::string_view incoming_beginning = ".incoming-";
constexpr std::string_view leaving_beginning = ".leaving-";

std::string manifest_name(const Version& version) {
  return version.text + std::string(manifest_ending);
}

// A name that would be taken for another release's manifest is nobody's.
Result<> must_be_release(const Version& version) {
  TRY(must_be_plain(version));
  if (!version.text.ends_with(manifest_ending)) return {};
  return fail(Code::invalid, "a version can't end in .manifest: " + version.text);
}

Result<> must_not_contain(const std::string& from, const std::string& releases) {
  std::error_code wrong;
  const auto outer = std::filesystem::canonical(from, wrong);
  if (wrong) return fail(system_error("open", from, wrong.value()));
  const auto inner = std::filesystem::canonical(releases, wrong);
  if (wrong) return fail(system_error("open", releases, wrong.value()));
  if (std::ranges::mismatch(outer, inner).in1 != outer.end()) return {};
  return fail(Code::invalid, from + " contains the releases themselves");
}

Error published_before(const Version& version, std::string_view how) {
  return {Code::denied, fmt::format("{} was published {}: a version is published once, so give "
                                    "the new content a version of its own",
                                    version.text, how)};
}

std::uint64_t bytes_of(const Manifest& manifest) {
  std::uint64_t bytes = 0;
  for (const ManifestEntry& entry : manifest.entries) bytes += entry.size;
  return bytes;
}

}  // namespace

Result<ReleaseDirectory> ReleaseDirectory::open(const std::string& path) {
  Descriptor handle = TRY(open_directory(path));
  return ReleaseDirectory(path, std::move(handle));
}

Result<std::string> ReleaseDirectory::read_manifest(const Version& version) const {
  const std::string name = manifest_name(version);
  const Descriptor file(
      ::openat(handle_.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) {
    return fail(Code::not_found, "release " + version.text + " has no manifest");
  }
  if (!file.is_open()) return fail(system_error("open", name, errno));
  return read_descriptor(file, name, most_manifest_bytes);
}

Result<VerifiedRelease> ReleaseDirectory::verify(const Version& version, const Digest& digest,
                                                 Reading reading) const {
  TRY(must_be_release(version));
  const std::string name = "release " + version.text;
  VerifiedRelease release;
  auto tree = open_child(handle_, version.text);
  if (!tree) return fail(tree.error().during(name));
  release.tree = std::move(*tree);
  const std::string text = TRY(read_manifest(version));
  release.digest = digest_of_manifest(text);
  if (!digest.empty() && release.digest != digest) {
    return fail(Code::corrupt, fmt::format("{} is not the one that was recorded: its manifest is "
                                           "{} and was {}",
                                           name, release.digest.hex, one_line(digest.hex)));
  }
  const auto manifest = parse_manifest(text);
  if (!manifest) return fail(manifest.error().during(name));
  const auto found = read_tree(release.tree, reading);
  if (!found) {
    // What no manifest can hold was not there when it was written.
    const Code code = found.error().code == Code::invalid ? Code::corrupt : found.error().code;
    return fail(code, name + ": " + found.error().message);
  }
  if (const auto difference = first_difference(*manifest, *found)) {
    return fail(Code::corrupt, name + ": " + *difference);
  }
  release.files = manifest->files();
  release.bytes = bytes_of(*manifest);
  return release;
}

Result<ReleaseDirectory::Incoming> ReleaseDirectory::make_incoming() const {
  Incoming incoming{.name = fmt::format("{}{:016x}", incoming_beginning, entropy())};
  if (::mkdirat(handle_.number(), incoming.name.c_str(), private_mode) != 0) {
    return fail(system_error("make directory", incoming.name, errno));
  }
  incoming.tree = TRY(open_child(handle_, incoming.name));
  if (::flock(incoming.tree.number(), LOCK_EX | LOCK_NB) != 0) {
    return fail(system_error("lock", incoming.name, errno));
  }
  return incoming;
}

Result<> ReleaseDirectory::write_manifest(const Version& version, const std::string& text) const {
  const std::string beside = fmt::format("{}{:016x}", incoming_beginning, entropy());
  const Descriptor file(
      ::openat(handle_.number(), beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return fail(system_error("create", beside, errno));
  const std::string name = manifest_name(version);
  Result<> written = write_all(file, text, beside);
  if (written && ::fchmod(file.number(), 0644) != 0) {
    written = fail(system_error("set mode of", beside, errno));
  }
  if (written && ::fsync(file.number()) != 0) written = fail(system_error("flush", beside, errno));
  if (written && ::renameat2(handle_.number(), beside.c_str(), handle_.number(), name.c_str(),
                             RENAME_NOREPLACE) != 0) {
    written = fail(system_error("make", name, errno));
  }
  if (!written) {
    ::unlinkat(handle_.number(), beside.c_str(), 0);
    return written;
  }
  if (::fsync(handle_.number()) != 0) return fail(system_error("flush", path_, errno));
  return {};
}

// Moves the copy to its name, or makes sure that the same content is there already. A directory
// without a manifest is what a dead publisher left, or somebody else's: it is taken as it is if it
// is the same, and never removed.
Result<> ReleaseDirectory::put_in_place(const Version& version, const Incoming& incoming,
                                        const Manifest& manifest) const {
  if (::fchmod(incoming.tree.number(), shared_mode) != 0) {
    return fail(system_error("set mode of", incoming.name, errno));
  }
  if (::renameat2(handle_.number(), incoming.name.c_str(), handle_.number(), version.text.c_str(),
                  RENAME_NOREPLACE) == 0) {
    if (::fsync(handle_.number()) != 0) return fail(system_error("flush", path_, errno));
    return {};
  }
  if (errno != EEXIST) return fail(system_error("make", version.text, errno));
  const Descriptor there = TRY(open_child(handle_, version.text));
  const Manifest found = TRY(read_tree(there, Reading::every_byte));
  if (const auto difference = first_difference(manifest, found)) {
    return fail(published_before(version, "before with other content (" + *difference + ")"));
  }
  return {};
}

Result<Digest> ReleaseDirectory::publish_copy(const Version& version, const Descriptor& from,
                                              const Incoming& incoming) const {
  const Manifest manifest = TRY(copy_tree(from, incoming.tree));
  if (manifest.files() == 0) return fail(Code::invalid, "there is nothing in it to publish");
  const std::string text = to_text(manifest);
  const Digest digest = digest_of_manifest(text);
  const auto recorded = read_manifest(version);
  if (!recorded && recorded.error().code != Code::not_found) return fail(recorded.error());
  if (recorded && *recorded != text) {
    const std::string other = digest_of_manifest(*recorded).hex.substr(0, 12);
    return fail(published_before(version, "before with other content (manifest " + other + ")"));
  }
  if (!recorded || !open_child(handle_, version.text)) TRY(flush_tree(incoming.tree));
  TRY(put_in_place(version, incoming, manifest));
  if (recorded) return digest;
  const auto written = write_manifest(version, text);
  if (written) return digest;
  if (written.error().code != Code::conflict) return fail(written.error());
  const std::string winner = TRY(read_manifest(version));
  if (winner == text) return digest;
  return fail(published_before(version, "at the same moment with other content"));
}

Result<Digest> ReleaseDirectory::publish(const Version& version, const std::string& from) const {
  TRY(must_be_release(version));
  TRY(must_not_contain(from, path_));
  const Descriptor source = TRY(open_directory(from));
  TRY(clear_leftovers());
  const Incoming incoming = TRY(make_incoming());
  auto digest = publish_copy(version, source, incoming);
  // Whatever is still under its first name did not become a release. If it can't be removed now,
  // the next publisher does it; what matters is said already.
  if (const auto removed = remove_tree(handle_, incoming.name); !removed && digest) return digest;
  if (!digest) return fail(digest.error().during("publish " + version.text));
  return digest;
}

Result<std::vector<PublishedRelease>> ReleaseDirectory::list() const {
  std::vector<PublishedRelease> found;
  for (const std::string& name : TRY(names_in(path_))) {
    if (name.starts_with('.') || !name.ends_with(manifest_ending)) continue;
    PublishedRelease release;
    release.version.text = name.substr(0, name.size() - manifest_ending.size());
    if (!must_be_release(release.version)) continue;
    const auto text = read_manifest(release.version);
    if (!text) continue;  // removed meanwhile
    release.digest = digest_of_manifest(*text);
    if (const auto manifest = parse_manifest(*text)) {
      release.files = manifest->files();
      release.bytes = bytes_of(*manifest);
    }
    struct stat facts{};
    if (::fstatat(handle_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
    release.published_at = {facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000};
    found.push_back(std::move(release));
  }
  std::ranges::stable_sort(found, std::ranges::greater(), &PublishedRelease::published_at);
  return found;
}

Result<> ReleaseDirectory::remove(const Version& version) const {
  TRY(must_be_release(version));
  // First out of sight, in one step: half a release must never look like one.
  const std::string leaving = fmt::format("{}{:016x}", leaving_beginning, entropy());
  if (::renameat(handle_.number(), version.text.c_str(), handle_.number(), leaving.c_str()) != 0 &&
      errno != ENOENT) {
    return fail(system_error("remove", version.text, errno));
  }
  if (::unlinkat(handle_.number(), manifest_name(version).c_str(), 0) != 0 && errno != ENOENT) {
    return fail(system_error("remove", manifest_name(version), errno));
  }
  return remove_tree(handle_, leaving);
}

Result<> ReleaseDirectory::clear_leftovers() const {
  for (const std::string& name : TRY(names_in(path_))) {
    if (!name.starts_with(incoming_beginning) && !name.starts_with(leaving_beginning)) continue;
    const auto left = open_child(handle_, name);
    if (!left || ::flock(left->number(), LOCK_EX | LOCK_NB) != 0) continue;
    TRY(remove_tree(handle_, name));
  }
  return {};
}

}  // namespace stepback::local
