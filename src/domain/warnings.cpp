// SPDX-License-Identifier: Apache-2.0
#include "domain/warnings.hpp"

#include <algorithm>

namespace stepback {
namespace {

std::string why_not(const Readiness& readiness) {
  std::string why;
  for (const auto& check : readiness.checks) {
    const bool is_proof =
        std::ranges::find(readiness.unproven, check.name) != readiness.unproven.end();
    if (check.verdict == Verdict::passed || is_proof) continue;
    why += (why.empty() ? "" : "; ") + check.name + ": " + check.evidence;
  }
  return why;
}

}  // namespace

std::optional<Notice> readiness_lost(const Environment& environment, const Readiness& before,
                                     const Readiness& now, Instant at) {
  if (before.verdict != Verdict::passed || now.verdict == Verdict::passed || now.is_busy)
    return std::nullopt;
  Notice notice{.key = "readiness/" + environment.name + "/" + to_rfc3339(at),
                .kind = NoticeKind::readiness_lost,
                .severity = Severity::warning,
                .environment = environment,
                .at = at};
  if (now.live) notice.current_version = now.live->version;
  notice.reason = why_not(now);
  notice.next_command = "stepback doctor " + environment.name;
  return notice;
}

std::optional<Notice> drill_due(const Environment& environment, const Readiness& readiness,
                                bool is_protected, Instant now) {
  if (!why_not_rehearsed(readiness, is_protected).empty()) return std::nullopt;
  const auto& last = readiness.proven_at;
  if (!last || now - *last <= proof_lasts) return std::nullopt;
  Notice notice{.key = "drill/" + environment.name + "/" + to_rfc3339(*last),
                .kind = NoticeKind::drill_due,
                .severity = Severity::info,
                .environment = environment,
                .at = now};
  notice.current_version = readiness.live->version;
  notice.target_version = readiness.target->release.version;
  notice.reason = "a rollback was last seen to work on " + to_rfc3339_seconds(*last);
  notice.next_command = "stepback drill " + environment.name;
  return notice;
}

}  // namespace stepback
