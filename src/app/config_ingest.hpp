// SPDX-License-Identifier: Apache-2.0
#pragma once

// The section server.ingest: who may send events, which topics are listened to, and how what other
// tools send is read. A part of the configuration's reader.

#include "app/config.hpp"
#include "app/section.hpp"

namespace stepback {

IngestConfig read_ingest(const Section& server);

}  // namespace stepback
