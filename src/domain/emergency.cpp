// SPDX-License-Identifier: Apache-2.0
#include "domain/emergency.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ranges>

namespace stepback {
namespace {

bool same_release(const Release& a, const Release& b) {
  if (!a.digest.empty() && !b.digest.empty()) return a.digest == b.digest;
  return a.version == b.version;
}

// Where what runs here is known not to be well; null: nowhere.
const EmergencyFacts* unwell_elsewhere(const std::vector<EmergencyFacts>& all,
                                       const EmergencyFacts& here) {
  const auto found = std::ranges::find_if(all, [&](const EmergencyFacts& other) {
    return other.environment != here.environment && other.verdict == Verdict::failed &&
           other.live && same_release(*other.live, *here.live);
  });
  return found == all.end() ? nullptr : &*found;
}

// Why it has to go back; empty: it need not.
std::string why_back(const std::vector<EmergencyFacts>& facts, const EmergencyFacts& here,
                     bool all) {
  if (here.verdict == Verdict::failed) return "it is not well: " + here.why;
  if (const auto* other = unwell_elsewhere(facts, here)) {
    return fmt::format("it runs {} too, which is not well in {}", here.live->version.text,
                       other->environment.name);
  }
  if (!all) return {};
  return here.verdict == Verdict::passed
             ? "everything goes back"
             : "everything goes back, and this cannot be told: " + here.why;
}

void decide(EmergencyLine& line, const std::vector<EmergencyFacts>& facts, bool all) {
  const auto& here = line.facts;
  if (here.slot) {
    line.deed = EmergencyDeed::watch;
    line.why = here.slot->text + " is at work there already";
    return;
  }
  if (!here.live) {
    line.why = "nothing is known to run there";
    return;
  }
  line.why = why_back(facts, here, all);
  if (line.why.empty()) {
    line.why = here.verdict == Verdict::passed
                   ? "healthy, and runs nothing that is bad elsewhere"
                   : "whether it is well cannot be told: " + here.why + "; --all takes it along";
    return;
  }
  line.deed = here.target ? EmergencyDeed::roll_back : EmergencyDeed::stuck;
  if (!here.target) line.why += fmt::format("; nothing to go back to, {} refused", here.refused);
}

Notice told_of(const EmergencyLine& line, const std::string& by, const std::string& reason,
               Instant now) {
  const auto& here = line.facts;
  Notice notice{.key = fmt::format("emergency/{}/{}", now.ms, here.environment.name),
                .kind = NoticeKind::emergency_declared,
                .severity = Severity::critical};
  notice.environment = here.environment;
  if (here.live) notice.current_version = here.live->version;
  if (here.target) notice.target_version = here.target->release.version;
  notice.at = now;
  notice.requested_by = by;
  notice.validation_status = "pending";
  notice.reason = reason + ": " + line.why;
  notice.next_command = line.deed == EmergencyDeed::stuck
                            ? "stepback targets " + here.environment.name
                            : "stepback watch " + here.environment.name;
  return notice;
}

}  // namespace

std::vector<EmergencyLine> plan_emergency(std::vector<EmergencyFacts> facts, bool all) {
  std::vector<EmergencyLine> lines;
  for (const auto& each : std::views::reverse(facts)) {
    lines.push_back({.facts = each});
    decide(lines.back(), facts, all);
  }
  return lines;
}

DeployChange declare_emergency(Head service, const std::vector<EmergencyLine>& lines,
                               const std::string& by, const std::string& reason, Instant now) {
  auto change = note_emergency(std::move(service), "declared", by, reason, now);
  for (const auto& line : lines) {
    change.journal.back().facts.emplace_back(line.facts.environment.name,
                                             fmt::format("{}: {}", name_of(line.deed), line.why));
    if (line.deed != EmergencyDeed::leave) change.notices.push_back(told_of(line, by, reason, now));
  }
  return change;
}

DeployChange note_emergency(Head service, const std::string& what, const std::string& by,
                            const std::string& text, Instant now) {
  DeployChange change{.head = std::move(service)};
  note(change, now, "emergency." + what, by, text);
  return change;
}

}  // namespace stepback
