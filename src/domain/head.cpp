// SPDX-License-Identifier: Apache-2.0
#include "domain/head.hpp"

#include <algorithm>

namespace stepback {
namespace {

constexpr std::size_t most_alerts = 64;
constexpr std::size_t most_gates = 32;

// One bad artifact is the same under any name; without digests only the name can tell.
bool same_release(const Hold& hold, const Version& version, const Digest& digest) {
  if (!hold.digest.empty() && !digest.empty()) return hold.digest == digest;
  return same_commit(hold.version, version);
}

}  // namespace

bool note_alert(Head& head, ToldAlert alert) {
  const auto known = std::ranges::find(head.alerts, alert.name, &ToldAlert::name);
  if (known != head.alerts.end()) {
    if (alert.since < known->since || *known == alert) return false;
    *known = std::move(alert);
    return true;
  }
  head.alerts.push_back(std::move(alert));
  if (head.alerts.size() <= most_alerts) return true;
  // What is over goes first, then what is oldest.
  head.alerts.erase(std::ranges::min_element(head.alerts, {}, [](const ToldAlert& each) {
    return std::pair(each.state == AlarmState::alarm, each.since);
  }));
  return true;
}

void note_gate(Head& head, GateRecord gate) {
  std::erase_if(head.gates, [&](const GateRecord& known) {
    return known.kind == gate.kind && known.version == gate.version;
  });
  head.gates.push_back(std::move(gate));
  if (head.gates.size() > most_gates) head.gates.erase(head.gates.begin());
}

bool knows_gate(const Head& head, const GateRecord& gate) {
  return std::ranges::any_of(head.gates, [&](const GateRecord& known) {
    return known.version == gate.version && known.kind == gate.kind &&
           known.digest == gate.digest && known.result == gate.result;
  });
}

const Hold* hold_on(const Head& head, const Version& version, const Digest& digest) {
  const auto found = std::ranges::find_if(
      head.holds, [&](const Hold& hold) { return same_release(hold, version, digest); });
  return found == head.holds.end() ? nullptr : &*found;
}

void add_hold(Head& head, Hold hold) {
  for (auto& old : head.holds) {
    if (!same_release(old, hold.version, hold.digest)) continue;
    // What only a person may lift stays so, whoever else finds a reason.
    if (old.until == HoldUntil::fixed) old = std::move(hold);
    return;
  }
  head.holds.push_back(std::move(hold));
}

bool release_hold(Head& head, const Version& version) {
  return std::erase_if(head.holds, [&](const Hold& hold) { return hold.version == version; }) > 0;
}

}  // namespace stepback
