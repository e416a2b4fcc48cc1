// SPDX-License-Identifier: Apache-2.0
#include "engine/gatekeeper.hpp"

#include <algorithm>

#include "domain/deploying.hpp"

namespace stepback {
namespace {

constexpr int tries = 16;                   // when others keep being first
constexpr std::size_t most_findings = 100;  // that stay with a version

std::vector<std::string> ids_of(const GateVerdict& verdict) {
  std::vector<std::string> ids;
  for (const auto& finding : verdict.counted) {
    if (ids.size() == most_findings) break;
    if (std::ranges::find(ids, finding.id) == ids.end()) ids.push_back(finding.id);
  }
  return ids;
}

// Tests and coverage judge the version as a whole; what a scan found, another version may have too.
bool is_about_security(GateKind kind) { return kind == GateKind::scan || kind == GateKind::cfn; }

}  // namespace

Result<Gatekeeper::Answer> Gatekeeper::record(const Order& order) {
  Answer answer{.version = order.version};
  if (answer.version.empty()) answer.version = TRY(deployed_in(order.environment));
  const auto now = clock_.now();
  GateRecord gate{.version = answer.version, .kind = order.verdict.kind};
  gate.result = order.verdict.result;
  gate.why = order.verdict.why;
  gate.at = now;
  gate.digest = order.digest;
  if (is_about_security(gate.kind)) gate.findings = ids_of(order.verdict);
  TRY(keep(order.environment, gate, order.by));
  if (gate.result == GateResult::pass) return answer;

  Signal signal{.kind = SignalKind::gate_failed, .name = std::string(name_of(gate.kind))};
  signal.at = now;
  if (gate.result == GateResult::unreadable) signal.state = AlarmState::insufficient_data;
  signal.reason = gate.why;
  signal.source = "gate";
  signal.environment = order.environment;
  signal.version = answer.version;
  signal.occurrence = order.digest;
  signal.findings = gate.findings;
  answer.trigger = TRY(intake_.take(signal)).record;
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
  for (int i = 0; i < tries; ++i) {
    auto head = TRY(store_.head(environment));
    if (std::ranges::any_of(head.gates, [&](const GateRecord& known) {
          return known.version == gate.version && known.kind == gate.kind &&
                 known.digest == gate.digest && known.result == gate.result;
        }))
      return {};  // the same report again says nothing new
    std::optional<Deployment> current;
    if (head.current) current = TRY(store_.deployment(*head.current));
    const auto change =
        TRY(note_verdict(std::move(head), std::move(current), gate, by, clock_.now()));
    auto done = commit_change(store_, change, !change.deployment.id.empty());
    if (done || done.error().code != Code::conflict) return done;
  }
  return fail(Code::unavailable, "others keep changing " + environment.name + "; try again");
}

}  // namespace stepback
