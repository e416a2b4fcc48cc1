// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a command ends with: an exit code from the short fixed table, or a Complaint, which is an
// error in the three lines that people get: what, why, and a command to try. The table from error
// codes and outcomes to exit codes is here and nowhere else. Plain values, any thread.

#include <expected>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/rollback.hpp"

namespace stepback::cli {

enum class Exit {
  done = 0,           // or nothing to do, or declined at the prompt
  bad = 1,            // it ran, and the answer is bad
  usage = 2,          // the command line is wrong
  refused = 3,        // a confirmation, an approval or the policy is missing
  not_found = 4,      // no such environment, release, record or target
  busy = 5,           // another operation holds the environment
  configuration = 6,  // configuration or credentials invalid
  provider = 7,       // something it needs refused, is unreachable or damaged
  overtime = 8,       // budget or timeout exceeded
  partly = 9,         // some environments rolled back, others not
  pending = 10,       // --detailed-exitcode: changes are pending
  interrupted = 130,
};

struct Complaint {
  Exit exit = Exit::bad;
  std::string what;
  std::string why;
  std::string attempt;  // a command of ours, as it can be pasted
  std::string note;     // after the command: "closest known: 9999a11"

  bool operator==(const Complaint&) const = default;
};

// The three lines, each with its end.
std::string render(const Complaint& complaint);

template <class T = Exit>
using Answered = std::expected<T, Complaint>;

inline std::unexpected<Complaint> complain(Complaint complaint) {
  return std::unexpected(std::move(complaint));
}

Exit exit_of(Code code);

// How a rollback ended, or Exit::done for one that has not. A rollback that handed over answers for
// nothing: the one it handed to does.
Exit exit_of(const Rollback& rollback);

// What was being done, and what to try when it fails. `attempt` may be empty: then the code's own.
struct Deed {
  std::string what;
  std::string attempt;
};
Complaint complaint_of(const Error& error, Deed deed);

// The value, or the error as a complaint about `deed`.
template <class T>
Answered<T> told(Result<T> result, Deed deed) {
  if (!result) return complain(complaint_of(result.error(), std::move(deed)));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(result);
  }
}

}  // namespace stepback::cli
