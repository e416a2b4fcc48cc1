// SPDX-License-Identifier: Apache-2.0
#include "domain/deciding.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "base/random.hpp"

namespace stepback {
namespace {

Kept<Head>& kept_head(World& world, const Environment& environment) {
  const auto found = std::ranges::find_if(
      world.heads, [&](const Kept<Head>& kept) { return kept.value.environment == environment; });
  ENSURE(found != world.heads.end());
  return *found;
}

std::string validation_status(const Lane& lane) {
  if (!lane.validation) return "pending";
  switch (lane.validation->verdict) {
    case Verdict::passed: return "success";
    case Verdict::failed: return "failed";
    case Verdict::inconclusive: return "pending";
  }
  std::unreachable();
}

}  // namespace

RollbackId FreshIds::rollback(Instant now) const {
  Random random(chance);
  return make_id<RollbackTag>(now, random);
}

DeploymentId FreshIds::deployment(Instant now, std::size_t lane) const {
  Random random(chance + 1 + lane);
  return make_id<DeploymentTag>(now, random);
}

const Head& Deciding::head(const Environment& environment) const {
  return kept_head(decision.next, environment).value;
}

Head& Deciding::change_head(const Environment& environment) const {
  auto& kept = kept_head(decision.next, environment);
  kept.changed = true;
  decision.changed = true;
  return kept.value;
}

Head& Deciding::change_service() const {
  decision.next.service.changed = true;
  decision.changed = true;
  return decision.next.service.value;
}

void Deciding::note(const Environment& environment, std::string kind, std::string text,
                    Facts facts) const {
  changed();
  ++rollback().journaled;
  decision.journal.push_back({.environment = environment,
                              .at = now,
                              .kind = std::move(kind),
                              .actor = rollback().requested_by,
                              .rollback = rollback().id,
                              .deployment = {},
                              .text = std::move(text),
                              .facts = std::move(facts)});
}

Notice& Deciding::tell(NoticeKind kind, Severity severity, const Environment& environment) const {
  changed();
  const Rollback& rb = rollback();
  Notice notice{.key = rb.id.text + "/" + environment.name + "/" + std::string(name_of(kind)),
                .kind = kind,
                .severity = severity,
                .environment = environment,
                .rollback = rb.id,
                .current_version = rb.rejected.version,
                .deployment = rb.rejected.deployment,
                .at = now,
                .requested_by = rb.requested_by,
                .validation_status = "pending",
                .level = std::string(name_of(rb.level)),
                .origin = std::string(name_of(rb.origin)),
                .reason = rb.reason,
                .deadline = rb.deadline_at,
                .incident = rb.incident};
  if (const Lane* lane = lane_of(rb, environment)) {
    notice.validation_status = validation_status(*lane);
    if (lane->target) notice.target_version = lane->target->release.version;
    if (!lane->from.version.empty()) notice.current_version = lane->from.version;
    if (!lane->deployment.empty()) notice.deployment = lane->deployment;
    if (lane->validation) notice.failed_alarms = lane->validation->failed_alarms;
    if (lane->phase == Phase::done && lane->end == LaneEnd::failed) notice.failed_step = lane->why;
    notice.held = hold_on(head(environment), rb.rejected.version, rb.rejected.digest) != nullptr;
  }
  notice.next_command = "stepback explain " + rb.id.text;
  decision.notices.push_back(std::move(notice));
  return decision.notices.back();
}

}  // namespace stepback
