// SPDX-License-Identifier: Apache-2.0
#include "engine/emergencies.hpp"

#include <algorithm>

#include "domain/asking.hpp"

namespace stepback {
namespace {

const Environment whole_service{};

}  // namespace

Result<EmergencyFacts> Emergencies::look(const Environment& environment) {
  const auto view = TRY(query_.environment(environment));
  EmergencyFacts facts{.environment = environment};
  facts.live = view.head.live;
  facts.target = view.choice.target;
  facts.refused = view.choice.refused.size();
  facts.predicted = view.predicted;
  facts.slot = view.head.slot;
  if (!facts.live) return facts;
  const auto verified = TRY(query_.verify(environment));
  facts.verdict = verified.validation.verdict;
  facts.why = verified.validation.reason;
  return facts;
}

Result<std::vector<EmergencyLine>> Emergencies::plan(const Environments& environments, bool all) {
  std::vector<EmergencyFacts> facts;
  for (const auto& environment : settings_.environments) {
    if (std::ranges::find(environments, environment) == environments.end()) continue;
    auto seen = look(environment);
    if (!seen) return fail(seen.error().during("looking at " + environment.name));
    facts.push_back(*std::move(seen));
  }
  return plan_emergency(std::move(facts), all);
}

std::vector<Emergencies::Stopped> Emergencies::stop(const std::vector<EmergencyLine>& lines,
                                                    const std::string& by,
                                                    const std::string& reason) {
  std::vector<Stopped> stopped;
  for (const auto& line : lines) {
    const auto& environment = line.facts.environment;
    stopped.push_back({environment, inspection_.stop_pipeline(environment, by, reason)});
  }
  return stopped;
}

Result<> Emergencies::declare(const std::vector<EmergencyLine>& lines, const std::string& by,
                              const std::string& reason) {
  return commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    return commit_of(
        declare_emergency(TRY(store_.head(whole_service)), lines, by, reason, clock_.now()), false);
  });
}

Result<> Emergencies::note(const std::string& what, const std::string& by,
                           const std::string& text) {
  return commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    return commit_of(note_emergency(TRY(store_.head(whole_service)), what, by, text, clock_.now()),
                     false);
  });
}

std::vector<Emergencies::Opened> Emergencies::open(const std::vector<EmergencyLine>& lines,
                                                   const std::string& by,
                                                   const std::string& reason) {
  std::vector<Opened> opened;
  for (const auto& line : lines) {
    const auto& here = line.facts;
    if (line.deed == EmergencyDeed::watch) opened.push_back({here.environment, *here.slot});
    if (line.deed != EmergencyDeed::roll_back) continue;
    ManualRequest request{.environment = here.environment, .reason = reason, .requested_by = by};
    request.wish.target = here.target->release.version;
    if (wants_second_person(request, settings_.seconded)) request.agreed = alone(by);
    opened.push_back({here.environment, intake_.request(request)});
  }
  return opened;
}

}  // namespace stepback
