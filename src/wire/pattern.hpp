// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names on their way into a path, beside base/text, which fills them in: the last look at them.

#include "base/result.hpp"
#include "base/text.hpp"
#include "domain/deployment.hpp"
#include "domain/environment.hpp"

namespace stepback {

// The types say that they were parsed, and a forgotten parse must not become a way out of the
// directory.
Result<> must_be_plain(const Environment& environment);
Result<> must_be_plain(const Version& version);
// A commit, a tag, a version of an object on S3: letters, digits and "._-+/=", but no path upwards.
Result<> must_be_plain_reference(const std::string& reference);

}  // namespace stepback
