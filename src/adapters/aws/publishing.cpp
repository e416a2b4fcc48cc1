// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/publishing.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "adapters/aws/many.hpp"
#include "adapters/aws/restoring.hpp"
#include "base/descriptor.hpp"
#include "base/digest.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_in_memory = std::uint64_t{256} * 1024 * 1024;
constexpr std::uint64_t small_file = std::uint64_t{1024} * 1024;

std::string in_quotes(std::string_view path) { return "\"" + one_line(path) + "\""; }

Error cannot(std::string_view deed, std::string_view path) {
  const Code code = errno == ENOENT   ? Code::not_found
                    : errno == EACCES ? Code::denied
                                      : Code::unavailable;
  return {code, fmt::format("cannot {} {}: {}", deed, in_quotes(path), strerror(errno))};
}

Error published_before(const Version& version, std::string_view how) {
  return {Code::denied, fmt::format("{} was published before with other content ({}): a version is "
                                    "published once, so give the new content a version of its own",
                                    version.text, how)};
}

Result<ManifestEntry> read_file_entry(const std::string& root, std::string path) {
  const Descriptor file(
      ::open((root + "/" + path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return fail(cannot("open", path));
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return fail(cannot("look at", path));
  if (!S_ISREG(facts.st_mode))
    return fail(Code::invalid, in_quotes(path) + " is neither a file nor a directory");
  ManifestEntry entry{.path = std::move(path),
                      .executable = (facts.st_mode & S_IXUSR) != 0,
                      .size = static_cast<std::uint64_t>(facts.st_size)};
  if (entry.size > S3::largest_copy)
    return fail(Code::invalid, in_quotes(entry.path) + " is larger than 5 GB");
  entry.sha256 = TRY(sha256_file(file.number()));
  return entry;
}

Result<ManifestEntry> read_entry(const std::string& root, const fs::directory_entry& found) {
  std::string path = found.path().lexically_relative(root).generic_string();
  if (!is_sound_path(path))
    return fail(Code::invalid, in_quotes(path) + " is a name that no manifest may hold");
  std::error_code wrong;
  const auto kind = found.symlink_status(wrong).type();
  if (kind == fs::file_type::symlink)
    return fail(Code::invalid, in_quotes(path) + " is a link, and S3 holds none");
  if (kind == fs::file_type::directory)
    return ManifestEntry{.path = std::move(path), .kind = EntryKind::directory};
  return read_file_entry(root, std::move(path));
}

Result<Manifest> read_directory(const std::string& root) {
  Manifest manifest;
  std::error_code wrong;
  fs::recursive_directory_iterator next(root, wrong);
  for (; !wrong && next != fs::recursive_directory_iterator(); next.increment(wrong)) {
    manifest.entries.push_back(TRY(read_entry(root, *next)));
    if (manifest.entries.size() > most_entries)
      return fail(Code::invalid, fmt::format("it has more than {} entries", most_entries));
  }
  if (wrong) {
    const Code code = wrong == std::errc::no_such_file_or_directory ? Code::not_found
                      : wrong == std::errc::permission_denied       ? Code::denied
                                                                    : Code::invalid;
    return fail(code, fmt::format("cannot read {}: {}", in_quotes(root), wrong.message()));
  }
  if (manifest.files() == 0) return fail(Code::invalid, "there is nothing in it to publish");
  std::ranges::sort(manifest.entries, {}, &ManifestEntry::path);
  return manifest;
}

Result<std::string> read_bytes(const std::string& root, const ReleaseFile& file) {
  const auto path = root + "/" + std::string(file.path);
  const Descriptor open_file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!open_file.is_open()) return fail(cannot("open", file.path));
  std::string bytes(file.size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(open_file.number(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(cannot("read", file.path));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (done == bytes.size() && sha256_hex(bytes) == file.sha256) return bytes;
  return fail(Code::conflict, in_quotes(file.path) + " was changed while it was published");
}

class Publisher {
 public:
  Publisher(S3& s3, const Publication& what, const ReleaseContent& release)
      : s3_(s3), what_(what), release_(release), etags_(release.files.size()) {}

  Result<> upload() {
    const auto seen = TRY(list_tree(s3_, what_.to, [this] { return &release_; }));
    if (!seen.extras.empty())
      return fail(published_before(what_.version, in_quotes(seen.extras.front()) + " is extra"));
    std::vector<std::size_t> small;
    std::vector<std::size_t> large;
    std::uint64_t largest = 1;
    for (std::size_t i = 0; i < release_.files.size(); ++i) {
      const auto size = release_.files[i].size;
      largest = std::max(largest, size);
      (size <= small_file ? small : large).push_back(i);
    }
    TRY(put_all(seen, small, {}));
    const auto most = std::clamp<std::uint64_t>(most_in_memory / largest, 1, 16);
    return put_all(seen, large, {.first = most, .most = most});
  }

  Result<> put_etags() {
    const auto put = s3_.put(what_.etags, {.bytes = etags_text(release_, etags_),
                                           .type = "text/plain; charset=utf-8",
                                           .metadata = {},
                                           .condition = {}});
    if (!put) return fail(to_error(put.error()).during("recording the files' ETags"));
    return {};
  }

  Result<> put_manifest() {
    const auto put = s3_.put(what_.manifest, {.bytes = *release_.text,
                                              .type = "text/plain; charset=utf-8",
                                              .metadata = {{"digest", release_.digest.hex}},
                                              .condition = {.etag = {}, .absent = true}});
    if (put) return {};
    if (put.error().code != Code::conflict) return fail(to_error(put.error()));
    const auto there = s3_.get(what_.manifest, most_manifest_bytes);
    if (!there) return fail(to_error(there.error()));
    if (there->bytes == *release_.text) return {};
    return fail(published_before(what_.version, "its manifest is another"));
  }

 private:
  Result<> put_all(const TreeSeen& seen, const std::vector<std::size_t>& files, Pace pace) {
    const auto deed = [&](std::size_t place) -> Result<> {
      const auto index = files[place];
      etags_[index] = TRY(seen.files[index].is_there ? accept(release_.files[index])
                                                     : put_file(release_.files[index]));
      return {};
    };
    return do_many({.count = files.size(),
                    .deed = deed,
                    .refused = [this] { return s3_.slowed_down(); },
                    .pace = pace});
  }

  // Its ETag.
  Result<std::string> put_file(const ReleaseFile& file) {
    Put put{.bytes = TRY(read_bytes(what_.from_directory, file))};
    put.condition.absent = true;
    const auto done = s3_.put(what_.to.at(file.path), put);
    if (done) return done->etag;
    if (done.error().code == Code::conflict) return accept(file);
    return fail(to_error(done.error()).during("uploading " + in_quotes(file.path)));
  }

  // What is there already is as good if it is the same. Without a checksum it is given one, or each
  // later look would have to read it.
  Result<std::string> accept(const ReleaseFile& file) {
    const auto name = what_.to.at(file.path);
    const auto facts = s3_.head(name);
    if (!facts) return fail(to_error(facts.error()).during("looking at " + in_quotes(file.path)));
    const auto same = prove(s3_, name, file, *facts);
    if (!same && same.error().code == Code::corrupt)
      return fail(published_before(what_.version, same.error().message));
    if (!same) return fail(same.error());
    if (!facts->sha256.empty()) return facts->etag;
    Put put{.bytes = TRY(read_bytes(what_.from_directory, file))};
    put.condition.etag = facts->etag;
    const auto done = s3_.put(name, put);
    if (!done) return fail(to_error(done.error()).during("uploading " + in_quotes(file.path)));
    return done->etag;
  }

  S3& s3_;
  const Publication& what_;
  const ReleaseContent& release_;
  std::vector<std::string> etags_;  // in the files' order; each is written once, by one thread
};

}  // namespace

Result<Digest> digest_of_directory(const std::string& directory) {
  return digest_of_manifest(to_text(TRY(read_directory(directory))));
}

Result<Digest> publish_to(S3& s3, const Publication& publication) {
  const auto deed = "publish " + publication.version.text;
  const auto manifest = read_directory(publication.from_directory);
  if (!manifest) return fail(manifest.error().during(deed));
  const auto release = TRY(read_release(to_text(*manifest)));
  const auto there = s3.head(publication.manifest);
  if (!there && there.error().code != Code::not_found)
    return fail(to_error(there.error()).during(deed));
  if (there && !there->sha256.empty() && there->sha256 != release.digest.hex)
    return fail(published_before(publication.version, "its manifest is another").during(deed));
  Publisher publisher(s3, publication, release);
  if (const auto uploaded = publisher.upload(); !uploaded)
    return fail(uploaded.error().during(deed));
  if (const auto recorded = publisher.put_etags(); !recorded)
    return fail(recorded.error().during(deed));
  if (const auto written = publisher.put_manifest(); !written)
    return fail(written.error().during(deed));
  return release.digest;
}

}  // namespace stepback::aws
