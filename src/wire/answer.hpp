// SPDX-License-Identifier: Apache-2.0
#pragma once

// What whoever sent a signal is told of it: what it became, under which id it is on record, and
// why. The same from the HTTP API and from the function. Pure; any thread.

#include <string>
#include <vector>

#include "domain/signal.hpp"

namespace stepback {

// One line of JSON: {"schema":"stepback/v1/answer","decision":"opened","id":...,"why":...}.
std::string answer_of(const TriggerRecord& record);

// Of a message that says several things, or nothing that calls for a judgement.
struct Answers {
  std::vector<TriggerRecord> records;    // in the order in which they stood there
  std::vector<std::string> refused;      // what in it could not be read
  std::vector<std::string> passed_over;  // what calls for nothing
};

// {"schema":"stepback/v1/answers","answers":[...],"refused":[...],"passedOver":[...]}, each of the
// first as above.
std::string answers_of(const Answers& answers);

}  // namespace stepback
