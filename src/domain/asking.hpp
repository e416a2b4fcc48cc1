// SPDX-License-Identifier: Apache-2.0
#pragma once

// Asking: a rollback that one person wants and another has to agree to. The question is on record
// with what was wished for, people are told, and it stands for half an hour; any rollback that is
// opened in the environment ends it. In an emergency who asks may go on alone, and that is on
// record too. Pure.

#include "domain/deploying.hpp"
#include "domain/trigger.hpp"

namespace stepback {

inline constexpr Duration question_stands = minutes(30);

// A full rollback is of every environment, so any that wants a second person wants one for it.
bool wants_second_person(const ManualRequest& request, const Environments& seconded);

// conflict: a rollback owns the environment.
Result<DeployChange> ask_for_rollback(Head head, const ManualRequest& request, Instant now);

// What was asked for, with who agreed. not_found: nothing is asked, or not any more. denied: who
// agrees is who asked.
Result<ManualRequest> agreed_request(const Head& head, const std::string& by,
                                     const std::string& reason, Instant now);
Result<DeployChange> refuse_request(Head head, const std::string& by, const std::string& reason,
                                    Instant now);

// Who goes on alone, as it stands in the record.
std::string alone(const std::string& by);

}  // namespace stepback
