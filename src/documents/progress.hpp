// SPDX-License-Identifier: Apache-2.0
#pragma once

// Progress: how far a rollback is, small enough to be sent with every change of it: its lanes,
// their steps with what each took or usually takes, and when it will be over. Pure; any thread.

#include "base/json.hpp"
#include "domain/rollback.hpp"

namespace stepback {

json::Value progress_document(const Rollback& rollback, Instant now);

}  // namespace stepback
