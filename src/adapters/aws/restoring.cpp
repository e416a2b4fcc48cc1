// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/restoring.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "adapters/aws/many.hpp"
#include "base/digest.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

constexpr std::size_t most_read = std::size_t{256} * 1024 * 1024;
constexpr std::size_t most_deleted = 1000;

bool is_archive(std::string_view storage_class) {
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

std::string in_quotes(std::string_view path) { return "\"" + one_line(path) + "\""; }

Error other_bytes(const ReleaseFile& file) {
  return {Code::corrupt, in_quotes(file.path) + " has other bytes than were recorded"};
}

std::function<std::uint64_t()> refusals_of(const S3& s3) {
  return [&s3] { return s3.slowed_down(); };
}

// The source was proven under an ETag that it no longer has, or is gone: not what else may be in
// the way of a copy.
bool is_of_the_source(const Refusal& refusal) {
  return refusal.type == "PreconditionFailed" || refusal.type == "NoSuchKey" ||
         refusal.status == 412;
}

Result<> copy_file(S3& s3, const Restore& restore, std::size_t index) {
  const auto& file = restore.release.files[index];
  const auto to = restore.to.at(file.path);
  const auto copied = s3.copy({.from = restore.from.at(file.path),
                               .to = to,
                               .size = file.size,
                               .source_etag = restore.proven[index]});
  const auto deed = "copying " + in_quotes(file.path);
  if (!copied) {
    auto error = to_error(copied.error()).during(deed);
    if (is_of_the_source(copied.error())) error.code = Code::corrupt;
    return fail(std::move(error));
  }
  ObjectFacts facts = *copied;
  if (facts.sha256.empty()) {
    const auto seen = s3.head(to);
    if (!seen) return fail(to_error(seen.error()).during(deed));
    facts = *seen;
  }
  restore.copied[index] = facts.etag;
  return prove(s3, to, file, facts);
}

Result<> delete_extras(S3& s3, const Restore& restore) {
  const Tree& tree = restore.to;
  std::vector<std::string> keys;
  keys.reserve(restore.extras.size());
  for (const auto& extra : restore.extras) keys.push_back(tree.prefix + extra);
  const auto batches = (keys.size() + most_deleted - 1) / most_deleted;
  return do_many({.count = batches,
                  .deed = [&](std::size_t batch) -> Result<> {
                    TRY(restore.may_go_on());
                    auto some = std::span<const std::string>(keys).subspan(batch * most_deleted);
                    some = some.first(std::min(some.size(), most_deleted));
                    const auto removed = s3.remove(tree.bucket, some);
                    if (!removed)
                      return fail(
                          to_error(removed.error()).during("deleting what the release has not"));
                    return {};
                  },
                  .refused = refusals_of(s3),
                  .pace = {.first = 4, .most = 8}});
}

}  // namespace

Result<TreeSeen> list_tree(S3& s3, const Tree& tree,
                           const std::function<const ReleaseContent*()>& wanted) {
  TreeSeen seen;
  const ReleaseContent* release = nullptr;
  const auto done = s3.list(tree.bucket, tree.prefix, [&](Listed&& object) {
    if (release == nullptr) release = wanted();
    if (release == nullptr) return false;
    seen.files.resize(release->files.size());
    const auto index = release->find(object.key);
    if (index == seen.files.size()) {
      seen.extras.push_back(std::move(object.key));
    } else {
      seen.files[index] = {.etag = std::move(object.etag),
                           .size = object.size,
                           .is_there = true,
                           .is_archived = is_archive(object.storage_class)};
    }
    return true;
  });
  if (!done) return fail(to_error(done.error()).during("listing " + tree.bucket));
  if (release == nullptr) release = wanted();
  if (release != nullptr) seen.files.resize(release->files.size());
  return seen;
}

std::optional<Difference> first_difference(const ReleaseContent& release, const TreeSeen& seen) {
  for (std::size_t i = 0; i < release.files.size(); ++i) {
    const auto& file = release.files[i];
    const auto& found = seen.files[i];
    const auto name = in_quotes(file.path);
    if (!found.is_there)
      return Difference{.file = i, .what = name + " is missing", .is_gone = true};
    if (found.size != file.size)
      return Difference{
          .file = i,
          .what = fmt::format("{} has {} bytes and had {}", name, found.size, file.size)};
    if (found.is_archived)
      return Difference{.file = i, .what = name + " is archived", .is_archived = true};
  }
  return std::nullopt;
}

Result<> prove(S3& s3, const ObjectName& name, const ReleaseFile& file, const ObjectFacts& facts) {
  if (facts.size != file.size) return fail(other_bytes(file));
  if (!facts.sha256.empty()) {
    if (facts.sha256 == file.sha256) return {};
    return fail(other_bytes(file));
  }
  if (file.size > most_read)
    return fail(Code::invalid, in_quotes(file.path) +
                                   " has no SHA-256 on S3 and is too large to be "
                                   "read: publish it again");
  const auto object = s3.get(name, most_read);
  if (!object) return fail(to_error(object.error()).during("reading " + in_quotes(file.path)));
  if (object->facts.etag == facts.etag && sha256_hex(object->bytes) == file.sha256) return {};
  return fail(other_bytes(file));
}

Result<> prove_all(S3& s3, const Proving& proving) {
  const auto& files = proving.release.files;
  proving.proven.resize(files.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (proving.proven[i].empty() || proving.proven[i] != proving.seen.files[i].etag)
      open.push_back(i);
  return do_many(
      {.count = open.size(),
       .deed = [&](std::size_t place) -> Result<> {
         const auto index = open[place];
         const auto name = proving.tree.at(files[index].path);
         const auto facts = s3.head(name);
         if (!facts)
           return fail(
               to_error(facts.error()).during("looking at " + in_quotes(files[index].path)));
         TRY(prove(s3, name, files[index], *facts));
         proving.proven[index] = facts->etag;
         return {};
       },
       .refused = refusals_of(s3)});
}

Result<> restore(S3& s3, const Restore& restore) {
  const auto copy = [&](std::size_t place) -> Result<> {
    TRY(restore.may_go_on());
    return copy_file(s3, restore, restore.files[place]);
  };
  TRY(do_many({.count = restore.files.size(), .deed = copy, .refused = refusals_of(s3)}));
  return delete_extras(s3, restore);
}

}  // namespace stepback::aws
