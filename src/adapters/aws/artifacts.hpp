// SPDX-License-Identifier: Apache-2.0
#pragma once

// Releases on S3, and the ports Artifacts and Publisher over them. The release lies in one bucket,
//
//   {version}/...                 what was published, never changed afterwards
//   .stepback/{version}.manifest  every path, size and SHA-256; its hash is the Digest
//   .stepback/{version}.manifest.etags  what saves looking at each file (release_place.hpp)
//
// and runs from another, which is made to hold the release's files, copied on the server, before
// the live pointer is written there. The manifest is the same as that of a release on one machine,
// and so is its digest.
//
// A switch proves the source first: until then it touches nothing. It then says in the pointer that
// it has begun (an older one is refused from there on), copies what differs, deletes what the
// release has not, lists the target again until nothing differs, and writes the pointer last. One
// that died on the way is carried on by asking for the same again. The tree between is a mixture of
// two releases: S3 can't replace many objects at once, and the pointer says so (not settled). Any
// thread, several processes at once.

#include <memory>
#include <string>
#include <vector>

#include "adapters/aws/pointer_object.hpp"
#include "adapters/aws/release_place.hpp"
#include "adapters/aws/restoring.hpp"
#include "base/waiter.hpp"
#include "ports/delivery.hpp"

namespace stepback::aws {

class S3Artifacts final : public Artifacts, public Publisher {
 public:
  // invalid: a place makes no sense, or an environment has two.
  static Result<std::unique_ptr<S3Artifacts>> make(std::vector<ReleasePlace> places, S3& s3,
                                                   const Clock& clock, Waiter& waiter);

  // The detail of what is missing or can't be read says what to do about it.
  Result<ArtifactReport> check(const Environment& environment, const Version& version,
                               const Digest& digest, bool thorough) override;
  Result<Pointer> pointer(const Environment& environment) override;
  Result<> stamp(const Environment& environment, std::uint64_t operation) override;
  // The same number again, with the same release, carries on where the first one stopped.
  Result<std::string> switch_to(const Switch& change) override;
  Result<Digest> publish(const Environment& environment, const Version& version,
                         const std::string& from_directory) override;
  std::string location(const Environment& environment, const Version& version) const override;

  // Do a few files of the target have the bytes that the pointer's release has? The text says what
  // was looked at. corrupt: one has others.
  Result<std::string> spot_check(const Environment& environment, std::uint64_t seed);

 private:
  struct Gathered;

  S3Artifacts(std::vector<ReleasePlace> places, S3& s3, const Clock& clock, Waiter& waiter)
      : places_(std::move(places)), s3_(s3), clock_(clock), waiter_(waiter) {}

  Result<const ReleasePlace*> place_of(const Environment& environment) const;
  Result<ReleaseContent> fetch(const ReleasePlace& place, const Version& version,
                               const Digest& digest);
  Result<Gathered> gather(const ReleasePlace& place, const Switch& change);
  Result<> prove_source(const ReleasePlace& place, const Switch& change, Gathered& gathered);
  Result<> fill_target(const ReleasePlace& place, const Switch& change, Duration deadline,
                       Gathered& gathered, std::string& done);
  Result<std::string> settle(const ReleasePlace& place, const Switch& change,
                             PointerObject pointer);

  std::vector<ReleasePlace> places_;
  S3& s3_;
  const Clock& clock_;
  Waiter& waiter_;
};

}  // namespace stepback::aws
