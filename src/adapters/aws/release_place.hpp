// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where an environment's releases lie on S3 and where they run from, and the manifest of one of
// them as it is needed here: its files only, as views into its text. Values; inner to this room.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/s3.hpp"
#include "domain/deployment.hpp"
#include "domain/environment.hpp"
#include "ports/delivery.hpp"
#include "wire/manifest.hpp"

namespace stepback::aws {

// Of one environment. {environment} and {version} are filled in where they stand.
struct ReleasePlace {
  Environment environment;
  std::string source_bucket;  // kiro-pipeline-{environment}-artifacts
  std::string source_prefix = "{version}/";
  std::string manifest_key = ".stepback/{version}.manifest";  // in the source's bucket
  std::string target_bucket;                                  // kiro-worker-{environment}-artifacts
  std::string target_prefix;                                  // empty, or "live/"
  std::string pointer_key = "current-version.txt";            // below the target's prefix
  std::string version_metadata = "version";  // under which its reader looks for the version
  bool remove_extras = true;                 // what the target holds besides the release is deleted
  // What makes the service take the new release. The same switch may be asked for twice; timeout:
  // it is under way, and may be asked for again.
  std::function<Result<std::string>(const Switch& change)> after_switch;
};

// A part of a bucket.
struct Tree {
  std::string bucket;
  std::string prefix;

  ObjectName at(std::string_view path) const { return {bucket, prefix + std::string(path)}; }
};

// invalid, saying why: a name that is none, or a target that would take in its own source.
Result<> must_be_sound(const ReleasePlace& place);
Result<Tree> source_of(const ReleasePlace& place, const Version& version);
Result<ObjectName> manifest_of(const ReleasePlace& place, const Version& version);
Tree target_of(const ReleasePlace& place);
ObjectName pointer_of(const ReleasePlace& place);

struct ReleaseFile {
  std::string_view path;
  std::string_view sha256;
  std::uint64_t size = 0;
};

struct ReleaseContent {
  std::unique_ptr<const std::string> text;  // what the views below look into
  std::vector<ReleaseFile> files;           // by path
  Digest digest;
  std::uint64_t bytes = 0;
  std::string expires;  // what S3 says of the manifest's own end

  std::size_t find(std::string_view path) const;  // files.size() when it has none
  std::string size() const;                       // "12 files, 3456 bytes"
};

Result<ReleaseContent> read_release(
    std::string text);  // corrupt: not a manifest; or it holds links

// Beside the manifest: the ETag under which each file was proven when it was published. S3 changes
// an ETag with the bytes, so one list of the release proves it all; whoever has none, or one of
// another release, looks at each file. It is trusted as far as the bucket is: one that was forged
// with its file is noticed at the copy, whose SHA-256 is held against the manifest.
Result<ObjectName> etags_of(const ReleasePlace& place, const Version& version);
std::string etags_text(const ReleaseContent& release, const std::vector<std::string>& etags);
// In the order of the files; empty: it is of another release, or none.
std::vector<std::string> read_etags(std::string_view text, const ReleaseContent& release);

}  // namespace stepback::aws
