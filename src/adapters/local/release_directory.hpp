// SPDX-License-Identifier: Apache-2.0
#pragma once

// The directory of an environment's releases: a directory per version with its manifest beside it.
// A release is there whole (both of them) or it is not a release; it is never changed afterwards,
// and a version is published once. Used by `releases`; safe from several threads and processes.

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/local/files.hpp"
#include "adapters/local/tree.hpp"
#include "base/time.hpp"
#include "wire/manifest.hpp"

namespace stepback::local {

// A release whose content was just seen to be what its manifest says.
struct VerifiedRelease {
  Descriptor tree;
  Digest digest;
  int files = 0;
  std::uint64_t bytes = 0;
};

struct PublishedRelease {
  Version version;
  Digest digest;
  Instant published_at;
  int files = 0;
  std::uint64_t bytes = 0;
};

class ReleaseDirectory {
 public:
  static Result<ReleaseDirectory> open(const std::string& path);  // the one with the versions in it

  // not_found: the release or its manifest is missing. corrupt, naming the file: it is not what was
  // recorded. An empty digest asks for any content that its manifest confirms.
  Result<VerifiedRelease> verify(const Version& version, const Digest& digest,
                                 Reading reading) const;
  Result<Digest> publish(const Version& version, const std::string& from) const;
  Result<std::vector<PublishedRelease>> list() const;  // newest first
  Result<> remove(const Version& version) const;
  // Removes what dead publishers and removers left.
  Result<> clear_leftovers() const;

 private:
  struct Incoming;

  ReleaseDirectory(std::string path, Descriptor handle)
      : path_(std::move(path)), handle_(std::move(handle)) {}
  Result<std::string> read_manifest(const Version& version) const;
  Result<> write_manifest(const Version& version, const std::string& text) const;
  Result<Incoming> make_incoming() const;
  Result<Digest> publish_copy(const Version& version, const Descriptor& from,
                              const Incoming& incoming) const;
  Result<> put_in_place(const Version& version, const Incoming& incoming,
                        const Manifest& manifest) const;

  std::string path_;
  Descriptor handle_;
};

}  // namespace stepback::local
