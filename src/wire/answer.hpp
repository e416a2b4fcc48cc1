// SPDX-License-Identifier: Apache-2.0
#pragma once

// What whoever sent a signal is told of it: what it became, under which id it is on record, and
// why. The same from the HTTP API and from the function. Pure; any thread.

#include <string>

#include "domain/signal.hpp"

namespace stepback {

// One line of JSON: {"schema":"stepback/v1/answer","decision":"opened","id":...,"why":...}.
std::string answer_of(const TriggerRecord& record);

}  // namespace stepback
