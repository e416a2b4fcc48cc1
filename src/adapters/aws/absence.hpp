// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why something of a release is not there or can't be read, and what to do about it, in words for
// the person who has to. Asks S3 for the versions of the object. Inner to this room; any thread.

#include <string>

#include "adapters/aws/s3.hpp"
#include "ports/delivery.hpp"

namespace stepback::aws {

// An object that S3 says is not there.
std::string explain_absence(S3& s3, const ObjectName& name);

// The report on what was refused with that error: `deed` is what was being done.
Result<ArtifactReport> report_on(S3& s3, const ObjectName& name, const Error& error);

}  // namespace stepback::aws
