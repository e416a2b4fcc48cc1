// SPDX-License-Identifier: Apache-2.0
#include "domain/deciding.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "domain/telling.hpp"

namespace stepback {
namespace {

Kept<Head>& kept_head(World& world, const Environment& environment) {
  const auto found = std::ranges::find_if(
      world.heads, [&](const Kept<Head>& kept) { return kept.value.environment == environment; });
  ENSURE(found != world.heads.end());
  return *found;
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
  const Rollback& told = rollback();
  // No head but a lane's is at hand.
  const bool held =
      lane_of(told, environment) != nullptr &&
      hold_on(head(environment), told.rejected.version, told.rejected.digest) != nullptr;
  decision.notices.push_back(notice_about(
      told, {.kind = kind, .severity = severity, .environment = environment, .held = held}, now));
  return decision.notices.back();
}

}  // namespace stepback
