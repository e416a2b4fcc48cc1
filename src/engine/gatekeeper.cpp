// SPDX-License-Identifier: Apache-2.0
#include "engine/gatekeeper.hpp"

#include <algorithm>

#include "domain/deploying.hpp"

namespace stepback {

Result<Gatekeeper::Answer> Gatekeeper::record(const Order& order) {
  Answer answer{.version = order.version};
  if (answer.version.empty()) answer.version = TRY(deployed_in(order.environment));
  const auto gate = gate_record(order.verdict, answer.version, order.digest, clock_.now());
  TRY(keep(order.environment, gate, order.by));
  if (gate.result == GateResult::pass) return answer;
  answer.trigger = TRY(intake_.take(gate_signal(gate, order.environment))).record;
  return answer;
}

Result<Version> Gatekeeper::deployed_in(const Environment& environment) {
  const auto head = TRY(store_.head(environment));
  if (!head.current)
    return fail(Code::invalid, "nothing is deployed in " + environment.name +
                                   ": say which version the report is about, with --version");
  return TRY(store_.deployment(*head.current)).version;
}

Result<> Gatekeeper::keep(const Environment& environment, const GateRecord& gate,
                          const std::string& by) {
  return commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(store_.head(environment));
    if (knows_gate(head, gate)) return std::nullopt;
    std::optional<Deployment> current;
    if (head.current) current = TRY(store_.deployment(*head.current));
    const auto change =
        TRY(note_verdict(std::move(head), std::move(current), gate, by, clock_.now()));
    return commit_of(change, !change.deployment.id.empty());
  });
}

}  // namespace stepback
