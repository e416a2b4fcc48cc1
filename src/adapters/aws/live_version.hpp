// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port LiveVersion by the pointer on S3: which version was put there to be served, and by whom.
// That is less than asking what runs: a service may have loaded something else. So the detail says
// what was seen, and a few files are held against the manifest. Any thread.

#include "adapters/aws/artifacts.hpp"
#include "ports/observation.hpp"

namespace stepback::aws {

class S3LiveVersion final : public LiveVersion {
 public:
  S3LiveVersion(S3Artifacts& artifacts, const Clock& clock)
      : artifacts_(artifacts), clock_(clock) {}

  // An error is that of the pointer. What speaks against it is no error: `seen` is false then.
  Result<VersionSeen> read(const Environment& environment) override;

 private:
  S3Artifacts& artifacts_;
  const Clock& clock_;
};

}  // namespace stepback::aws
