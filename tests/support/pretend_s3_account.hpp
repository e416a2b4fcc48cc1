// SPDX-License-Identifier: Apache-2.0
#pragma once

// A connection to a pretend S3, with a clock that only moves when somebody waits. Any thread.

#include <memory>

#include "adapters/aws/s3.hpp"
#include "support/pretend_s3.hpp"
#include "support/pretend_wire.hpp"

namespace stepback::testing {

class PretendS3Account {
 public:
  PretendS3 store;
  PretendWire wire{[this](const http::Call& call) { return store.send(call); },
                   Instant{1'769'500'000'000}, hours(1)};
  WaitedClock& clock = wire.clock;
  std::unique_ptr<aws::Service> service =
      *aws::Service::make(aws::s3_dialect, wire.connection, Random(1));
  aws::S3 s3{*service};
};

}  // namespace stepback::testing
