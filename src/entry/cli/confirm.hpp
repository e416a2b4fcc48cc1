// SPDX-License-Identifier: Apache-2.0
#pragma once

// Confirm: whether a person has agreed to what is about to happen. The rules stand in
// `stepback help concepts`: nothing mild asks; a rollback asks the runbook's question and takes the
// literal word; what may lose data or touches every environment wants its name typed. Where nobody
// can be asked, the flags must say it beforehand. One thread.

#include <string>

#include "entry/cli/session.hpp"

namespace stepback::cli {

enum class Danger { mild, moderate, severe };

struct Asking {
  Danger danger = Danger::moderate;
  std::string deed;      // "rolling production back": names it in a refusal
  std::string question;  // moderate: asked as it stands, with " (yes/no): " after it
  std::string name;      // severe: what must be typed
  std::string declined;  // "Rollback cancelled"
  std::string command;   // that would have worked where nobody can be asked
};

enum class Agreement { given, declined };

// A complaint (exit 3): nobody can be asked and the flags do not say enough.
Answered<Agreement> confirm(Session& session, const Asking& asking, const Consent& consent);

}  // namespace stepback::cli
