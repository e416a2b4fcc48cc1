// SPDX-License-Identifier: Apache-2.0
#pragma once

// Diagnosis: what may keep a rollback from starting, from working or from being heard of, each as a
// symptom with its evidence and the command that mends it. The runbook's six issues and its list of
// fifteen, as far as they can be looked at. Pure.

#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/readiness.hpp"
#include "domain/subscription.hpp"

namespace stepback {

// Which of the runbook's issues a symptom belongs to.
enum class Trouble { trigger, rollback, validation, artifacts, records, notices };
template <>
inline constexpr Names<Trouble, Trouble::notices> names_of<Trouble>{
    "trigger", "rollback", "validation", "artifacts", "records", "notices"};

struct DiagnosisFacts {
  ReadinessFacts readiness;
  std::vector<Deployment> unfinished;  // of this environment
  bool server_is_alive = false;
  std::vector<std::string> unheard;  // notices that some channel could not be told
  std::vector<Subscription> people;  // the channels that reach them
  std::size_t contacts = 0;          // that the configuration names
};

struct Symptom {
  Trouble about = Trouble::trigger;
  Check check;
  std::string remedy;  // a command of ours; empty when nothing is wrong
};

std::vector<Symptom> diagnose(const DiagnosisFacts& facts, const Policy& policy, Instant now);

}  // namespace stepback
