// SPDX-License-Identifier: Apache-2.0
#pragma once

// Signature Version 4: what shows AWS who sent a request, and that nothing of it was changed on the
// way. Pure: the time and the credentials are handed in. Any thread.
//
// What is signed is the request as it leaves: a target (path and query) whose parts went through
// encode(). For S3 the path counts as it is; every other service takes it without its dots and
// double slashes, and encoded once more.

#include <string>
#include <string_view>

#include "adapters/aws/credentials.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace stepback::aws {

// Everything but letters, digits and -_.~ becomes %XX; a slash too, unless it is to be kept.
enum class Slash { encoded, kept };
std::string encode(std::string_view text, Slash slash = Slash::encoded);

std::string to_amz_date(Instant instant);  // 20260127T101804Z

struct Scope {
  std::string region;
  std::string service;  // as it signs: "s3", "dynamodb", "monitoring"
  Instant at;
};

struct Signed {
  std::string canonical_request;
  std::string string_to_sign;
  std::string authorization;  // the header's value
};

// Signs all headers of `headers` but those a proxy may change. Host, X-Amz-Date and, with session
// credentials, X-Amz-Security-Token are expected among them.
Signed sign(http::Method method, std::string_view target, const http::Headers& headers,
            std::string_view payload_hash, const Credentials& credentials, const Scope& scope);

// Adds Host, X-Amz-Date, X-Amz-Security-Token, for S3 X-Amz-Content-SHA256, and Authorization.
void sign_call(http::Call& call, const Credentials& credentials, const Scope& scope);

}  // namespace stepback::aws
