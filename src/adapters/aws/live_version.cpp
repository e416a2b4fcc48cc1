// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/live_version.hpp"

namespace stepback::aws {

Result<VersionSeen> S3LiveVersion::read(const Environment& environment) {
  const auto pointer = TRY(artifacts_.pointer(environment));
  VersionSeen seen{.version = pointer.version,
                   .digest = pointer.digest,
                   .operation = pointer.operation,
                   .detail = {}};
  if (pointer.version.empty()) {
    seen.detail = "the pointer on S3 names no version";
    return seen;
  }
  if (!pointer.settled) {
    seen.detail = "by the pointer on S3: a switch has begun, and was not seen to end";
    return seen;
  }
  seen.seen = true;
  if (pointer.operation == 0) {
    seen.detail = "by the pointer on S3 only, which was not written by us: no file was looked at";
    return seen;
  }
  const auto spots =
      artifacts_.spot_check(environment, static_cast<std::uint64_t>(clock_.now().ms));
  seen.seen = spots.has_value();
  seen.detail = "by the pointer on S3, not by the service itself; ";
  seen.detail += spots ? *spots : spots.error().message;
  return seen;
}

}  // namespace stepback::aws
