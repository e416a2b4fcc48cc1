// SPDX-License-Identifier: Apache-2.0
#pragma once

// The live pointer on S3: one object whose first line is the version, with more in its metadata.
// It is only ever written on the condition that it is still what was read, so that of two writers
// one is refused. Whoever wrote it by other means (`aws s3 cp`) left none of our metadata: then it
// says operation 0. Any thread; inner to this room.
//
//   version     as its readers expect it, under the configured name
//   digest      of the release
//   operation   the highest number that was accepted
//   switched    the number of the last switch that was carried through
//   settled     the number for which what follows the switch was seen to end
//   switching   "7 v41": under this number, a switch to this version has begun: the tree may be a
//               mixture until one is carried through

#include <functional>
#include <string>

#include "adapters/aws/release_place.hpp"

namespace stepback::aws {

struct PointerObject {
  std::string etag;  // empty: there is none
  Version version;
  Digest digest;
  std::uint64_t operation = 0;
  std::uint64_t switched = 0;
  std::uint64_t settled = 0;
  std::string switching;

  bool says_the_same(const PointerObject& other) const;
};

class PointerStore {
 public:
  PointerStore(S3& s3, const ReleasePlace& place)
      : s3_(s3), name_(pointer_of(place)), version_metadata_(place.version_metadata) {}

  Result<PointerObject> read() const;

  // Reads it, lets `change` say what it shall be, and writes that if it is still what was read; a
  // few times, when somebody else is at it. A lost reply is looked up. Returns what it is now.
  using Change = std::function<Result<PointerObject>(const PointerObject& seen)>;
  Result<PointerObject> update(PointerObject seen, const Change& change) const;

 private:
  Answer<ObjectFacts> write(const PointerObject& wanted, const std::string& etag) const;

  S3& s3_;
  ObjectName name_;
  std::string version_metadata_;
};

}  // namespace stepback::aws
