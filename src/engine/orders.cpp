// SPDX-License-Identifier: Apache-2.0
#include "engine/orders.hpp"

#include "base/digest.hpp"
#include "domain/asking.hpp"

namespace stepback {
namespace {

constexpr Duration remembered = days(7);
constexpr std::size_t looked_through = 1000;
constexpr std::size_t digits = 32;

std::string beginning_of(const Order& order) {
  return "order:" + sha256_hex(order.key).substr(0, digits) + ":";
}

std::string kept_key(const Order& order) {
  return beginning_of(order) + sha256_hex(order.content).substr(0, digits);
}

const Lane* lane_where_it_begins(const PlanView& plan) {
  return lane_of(plan.rollback, plan.rollback.environment);
}

std::string why_nothing(const PlanView& plan, const ManualRequest& request) {
  const Lane* lane = lane_where_it_begins(plan);
  if (lane != nullptr && request.wish.target && lane->from.version == *request.wish.target)
    return request.environment.name + " runs " + request.wish.target->text + " already";
  if (lane != nullptr && lane->target) return {};
  const auto why = lane == nullptr || lane->why.empty() ? "no version will do" : lane->why;
  return request.environment.name + " has nothing to go back to: " + why;
}

}  // namespace

Result<std::optional<Ordered>> Orders::earlier(const Order& order) {
  const auto recent =
      TRY(query_.ledger().rollbacks({.since = clock_.now() - remembered, .limit = looked_through}));
  for (const auto& rollback : recent) {
    if (!rollback.trigger_key.starts_with(beginning_of(order))) continue;
    if (rollback.trigger_key == kept_key(order))
      return std::optional(Ordered{.end = Ordered::End::known, .rollback = rollback.id});
    return std::optional(
        Ordered{.end = Ordered::End::reused,
                .why = "this key stands for another order, which became " + rollback.id.text});
  }
  return std::optional<Ordered>();
}

Result<Ordered> Orders::busy(const Environment& environment, const Error& error) {
  if (error.code != Code::conflict) return fail(error);
  Ordered ordered{.end = Ordered::End::busy, .why = error.message};
  ordered.rollback = TRY(query_.store().head(environment)).slot;
  if (!ordered.rollback) ordered.rollback = TRY(query_.store().head(Environment{})).slot;
  return ordered;
}

Result<Ordered> Orders::carry_out(Order order) {
  const std::lock_guard lock(one_at_a_time_);
  if (auto known = TRY(earlier(order))) return *std::move(known);
  auto plan = query_.plan(order.request);
  if (!plan) return busy(order.request.environment, plan.error());
  Ordered ordered{.plan = *std::move(plan)};
  if (ordered.plan->hash != order.plan_hash) {
    ordered.end = Ordered::End::moved;
    ordered.why = "the world moved: the plan that was shown is " + order.plan_hash +
                  ", and it would be " + ordered.plan->hash + " now";
    return ordered;
  }
  ordered.why = why_nothing(*ordered.plan, order.request);
  if (!ordered.why.empty()) {
    ordered.end = Ordered::End::nothing;
    return ordered;
  }
  if (const auto& name = ordered.plan->confirm; !name.empty() && order.confirm != name) {
    ordered.end = Ordered::End::unconfirmed;
    ordered.why = "this is severe: confirm must be " + name;
    return ordered;
  }
  // Exactly what was shown, whatever is found meanwhile.
  if (order.request.level == Level::stage)
    order.request.wish.target = lane_where_it_begins(*ordered.plan)->target->release.version;
  order.request.key = kept_key(order);
  if (wants_second_person(order.request, settings_.seconded)) {
    const auto asked = intake_.ask(order.request);
    if (!asked) return busy(order.request.environment, asked.error());
    ordered.end = Ordered::End::asked;
    return ordered;
  }
  const auto id = intake_.request(order.request);
  if (!id) return busy(order.request.environment, id.error());
  ordered.rollback = *id;
  return ordered;
}

}  // namespace stepback
