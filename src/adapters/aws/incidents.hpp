// SPDX-License-Identifier: Apache-2.0
#pragma once

// S3Incidents: the port Incidents by a page in a bucket, .stepback/incidents/<name>.md, that is
// written once and then belongs to people: asking again finds it as they left it. Used by the
// courier, one thread at a time; an answer that got lost is asked for again and found.

#include <string>

#include "adapters/aws/s3.hpp"
#include "ports/outreach.hpp"
#include "wire/notice.hpp"

namespace stepback::aws {

struct S3IncidentsConfig {
  std::string bucket;  // with {environment}
  NoticeStyle style;
};

class S3Incidents final : public Incidents {
 public:
  S3Incidents(S3IncidentsConfig config, S3& s3) : config_(std::move(config)), s3_(s3) {}

  // Its address, s3://bucket/key.
  Result<std::string> open(const Notice& notice) override;

 private:
  S3IncidentsConfig config_;
  S3& s3_;
};

}  // namespace stepback::aws
