// SPDX-License-Identifier: Apache-2.0
#pragma once

// Trigger: whether a signal calls for a rollback, of which deployment, and why or why not. Pure;
// intake gathers what it needs beforehand and commits what it says.

#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "domain/advance.hpp"
#include "domain/signal.hpp"

namespace stepback {

enum class Likelihood { likely, unlikely, unknown };
template <>
inline constexpr Names<Likelihood, Likelihood::unknown> names_of<Likelihood>{"likely", "unlikely",
                                                                             "unknown"};

struct Attribution {
  Likelihood likelihood = Likelihood::unknown;
  std::vector<std::string> evidence;

  bool operator==(const Attribution&) const = default;
};

// What is known when a signal is judged.
struct SignalContext {
  Head head;  // of the environment the signal is about
  Head service;
  std::optional<Deployment> current;    // the one the head names
  AlarmRoles roles;                     // of the alarm, for SignalKind::alarm
  std::optional<AlarmState> state_now;  // read again at the source; none: could not be read
  // The same alarm in environments that do not run this version: true when red there too.
  std::vector<std::pair<Environment, bool>> elsewhere;
  std::vector<std::string> provider_trouble;  // alarms with the role provider that are in ALARM
  std::optional<Deployment> before;           // the current one's predecessor, where it was read
  bool known_source = true;                   // account and region are the configured ones
};

// Whether another environment's alarms say something about this deployment's version: another
// version runs there, and no rollback is at work, while which an alarm may still speak of what ran
// before it.
bool tells_of_the_version(const Head& other, const Deployment& current);

// Whose doing it is, from the baseline, the first breach against the cutover, and the others.
Attribution attribute(const Signal& signal, const SignalContext& context);

// Which environment of ours a signal is about, and what it may do there. None: none of ours.
std::optional<AlarmMatch> match_signal(const Signal& signal, const Environments& environments,
                                       const AlarmRules& rules);

struct Judgement {
  Disposition disposition = Disposition::ignored;
  std::string why;
  Attribution attribution;
  std::optional<RollbackId> rollback;  // joined or waiting for
  std::optional<Opening> opening;      // when disposition is opened
  std::optional<Hold> hold;            // when it is blocked
  bool engage_brake = false;
};

Judgement judge(const Signal& signal, const SignalContext& context, Instant now,
                const Policy& policy);

// What a signal changes of its environment's head by itself, whatever else becomes of it: the
// brake, a hold, what is known of an alert. False: nothing.
bool mark_head(Head& head, std::vector<JournalEntry>& journal, const TriggerRecord& record,
               const Judgement& judgement);

// A person's request through the same door. Refusals say what to try.
struct ManualRequest {
  Environment environment;
  Level level = Level::stage;
  Origin origin = Origin::manual;
  std::string reason;
  std::string requested_by;
  Wish wish;
  std::string agreed{};  // who else agreed, or that nobody was asked; empty: nobody had to
  std::string key{};     // by which it is known again; may be empty
};
Result<Opening> judge(const ManualRequest& request, const SignalContext& context);

}  // namespace stepback
