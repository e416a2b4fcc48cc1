// SPDX-License-Identifier: Apache-2.0
#pragma once

// Puts a directory on S3 as a release: its files first, many at once, then the ETags that they were
// given, and its manifest last, so that a release without one is none. Nothing that is there is
// ever replaced by other bytes. A publisher that died is carried on by doing the same again. Inner
// to this room; the thread of the caller, and its own.

#include <string>

#include "adapters/aws/release_place.hpp"

namespace stepback::aws {

struct Publication {
  Tree to;
  ObjectName manifest;
  ObjectName etags;
  Version version;
  std::string from_directory;
};

// What it would be called as a release; nothing is published.
Result<Digest> digest_of_directory(const std::string& directory);

// denied: the version was published with other content. invalid, naming it: what S3 can't hold
// (links, devices, more than 5 GB in one file), or a directory with nothing in it.
Result<Digest> publish_to(S3& s3, const Publication& publication);

}  // namespace stepback::aws
