// SPDX-License-Identifier: Apache-2.0
#pragma once

// S3Shelf: the port Shelf over the buckets that hold the environments' releases: what lies there,
// what became of what does not, when a lifecycle rule will take it away, and bringing back what was
// deleted, where the bucket keeps it behind a marker. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/release_place.hpp"
#include "ports/inspection.hpp"

namespace stepback::aws {

class S3Shelf final : public Shelf {
 public:
  S3Shelf(std::vector<ReleasePlace> places, S3& s3) : places_(std::move(places)), s3_(s3) {}

  Result<std::vector<Shelved>> list(const Environment& environment, std::size_t limit) override;
  Result<Shelved> find(const Environment& environment, const Version& version) override;
  Result<Missing> missing(const Environment& environment, const Version& version) override;
  // Removes the markers behind which the release's files and its manifest are kept.
  Result<std::string> restore(const Environment& environment, const Version& version) override;
  Result<ShelfRules> rules(const Environment& environment) override;
  Result<Digest> digest_of(const Environment& environment, const std::string& directory) override;

 private:
  Result<const ReleasePlace*> place_of(const Environment& environment) const;
  // Everything that is kept of a version, its manifest included.
  Result<std::vector<ObjectVersion>> kept(const ReleasePlace& place, const Version& version);
  std::optional<Instant> expiry_by_rule(const ReleasePlace& place, const Version& version,
                                        Instant written);

  std::vector<ReleasePlace> places_;
  S3& s3_;
};

}  // namespace stepback::aws
