// SPDX-License-Identifier: Apache-2.0
#pragma once

// The draft of a post-mortem, in Markdown: what happened, the runbook's five questions answered
// from the records or marked "no data", and its prompts for whoever goes on. Pure; any thread.

#include <string>

#include "engine/query.hpp"

namespace stepback::cli {

std::string postmortem(const Evidence& evidence);

}  // namespace stepback::cli
