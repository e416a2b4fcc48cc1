// SPDX-License-Identifier: Apache-2.0
#include "adapters/sim/world.hpp"

#include <algorithm>

namespace stepback {
namespace {

std::unexpected<Error> no_answer() { return fail(Code::timeout, "no answer in time"); }
std::unexpected<Error> not_now() { return fail(Code::unavailable, "throttled"); }

// Where the fault decides before anything happened.
bool never_arrives(SimFault fault) {
  return fault == SimFault::lost || fault == SimFault::delayed || fault == SimFault::unavailable;
}
std::unexpected<Error> answer_to(SimFault fault) {
  return fault == SimFault::unavailable ? not_now() : no_answer();
}

}  // namespace

Digest SimWorld::digest_of(const Version& version) {
  std::string hex;
  while (hex.size() < 64) hex += version.text;
  return {hex.substr(0, 64)};
}

bool SimWorld::healthy(const Place& place) const {
  return !place.cursed && !bad.contains(place.running.hex);
}

Result<> SimWorld::accept(Place& place, const Environment& environment, const std::string& key,
                          std::uint64_t operation) {
  if (fenced && operation <= place.pointer.operation) {
    return fail(Code::conflict,
                "number " + std::to_string(place.pointer.operation) + " was accepted before");
  }
  place.pointer.operation = operation;
  place.accepted.push_back(operation);
  if (on_accept) on_accept(environment, key, operation);
  return {};
}

Result<> SimWorld::apply_switch(const Switch& change) {
  Place& place = places[change.environment];
  TRY(accept(place, change.environment, change.key, change.operation));
  place.pointer.version = change.version;
  place.pointer.digest = change.digest;
  place.pointer.settled = true;
  if (place.running != change.digest) place.running_since = clock_.steady();
  place.running = change.digest;
  place.running_version = change.version;
  if (on_switched) on_switched(change, place);
  return {};
}

void SimWorld::deliver_late() {
  std::vector<Late> now;
  std::erase_if(late, [&](const Late& request) {
    if (request.at > clock_.steady()) return false;
    now.push_back(request);
    return true;
  });
  for (const auto& request : now) {
    Place& place = places[request.environment];
    switch (request.kind) {
      // Nobody waits for these answers any more.
      case Late::Kind::switch_application: (void)apply_switch(request.change); break;
      case Late::Kind::stamp:
        (void)accept(place, request.environment, request.change.key, request.change.operation);
        break;
      case Late::Kind::infrastructure:
        place.infrastructure = request.infrastructure.infrastructure_version;
        place.infrastructure_done.insert(request.infrastructure.key);
        place.infrastructure_under_way.clear();
        break;
    }
  }
}

void SimWorld::evaluate_alarms() {
  for (auto& [environment, place] : places) {
    if (healthy(place) != place.red) {
      place.differs_since = {};
      continue;
    }
    if (place.differs_since == Duration{}) place.differs_since = clock_.steady();
    if (clock_.steady() - place.differs_since < red_after) continue;
    place.red = !place.red;
    place.red_since = clock_.steady();
    place.differs_since = {};
  }
}

Result<std::string> SimWorld::stop(const Environment&, const std::string&) {
  const auto fault = begin("stop", true);
  if (never_arrives(fault)) return answer_to(fault);
  end("stop");
  if (fault == SimFault::reply_lost) return no_answer();
  return "nothing was running";
}

Result<PipelineState> SimWorld::state(const Environment&) {
  return PipelineState{.text = "nothing is deploying"};
}

Result<ArtifactReport> SimWorld::check(const Environment&, const Version&, const Digest& digest,
                                       bool) {
  if (begin("check", false) != SimFault::none) return not_now();
  const auto known = artifacts.find(digest.hex);
  return ArtifactReport{.state = known == artifacts.end() ? ArtifactState::present : known->second,
                        .files = 3};
}

Result<Pointer> SimWorld::pointer(const Environment& environment) {
  if (begin("pointer", false) != SimFault::none) return not_now();
  const auto& pointer = places[environment].pointer;
  return bend ? bend(environment, pointer) : pointer;
}

Result<> SimWorld::stamp(const Environment& environment, std::uint64_t operation) {
  if (on_issue) on_issue(environment, "", operation);
  const auto fault = begin("stamp", true);
  if (!stamps) return {};
  if (fault == SimFault::delayed) {
    late.push_back({.at = clock_.steady() + late_by, .environment = environment});
    late.back().change.operation = operation;
    late.back().kind = Late::Kind::stamp;
  }
  if (never_arrives(fault)) return answer_to(fault);
  auto stamped = accept(places[environment], environment, "", operation);
  end("stamp");
  if (fault == SimFault::reply_lost) return no_answer();
  return stamped;
}

Result<std::string> SimWorld::switch_to(const Switch& change) {
  if (on_issue) on_issue(change.environment, change.key, change.operation);
  const auto fault = begin("switch", true);
  if (fault == SimFault::delayed) {
    late.push_back(
        {.at = clock_.steady() + late_by, .environment = change.environment, .change = change});
  }
  if (never_arrives(fault)) return answer_to(fault);
  const auto known = artifacts.find(change.digest.hex);
  if (known != artifacts.end() && known->second != ArtifactState::present) {
    return fail(Code::corrupt, "a file is not what the manifest says");
  }
  auto& pointer = places[change.environment].pointer;
  const bool goes_on = pointer.is_followed(change.operation);
  auto done = goes_on ? Result<>() : apply_switch(change);
  end("switch");
  if (fault == SimFault::reply_lost) return no_answer();
  TRY(std::move(done));
  pointer.follows_elsewhere = looks_until_followed > 0;
  pointer.settled = !pointer.follows_elsewhere;
  if (pointer.settled) return "switched";
  --looks_until_followed;
  return no_answer();
}

Result<InfrastructureReport> SimWorld::revert(const InfrastructureChange& change) {
  if (on_issue) on_issue(change.environment, change.key, change.operation);
  const auto fault = begin("infrastructure", true);
  Place& place = places[change.environment];
  if (!place.infrastructure_under_way.empty()) {
    return InfrastructureReport{Progress::under_way, "an earlier request is not answered yet"};
  }
  if (fault == SimFault::delayed) {
    place.infrastructure_under_way = change.key;
    late.push_back({.at = clock_.steady() + late_by,
                    .environment = change.environment,
                    .infrastructure = change});
    late.back().kind = Late::Kind::infrastructure;
  }
  if (never_arrives(fault)) return answer_to(fault);
  place.infrastructure = change.infrastructure_version;
  place.infrastructure_done.insert(change.key);
  end("infrastructure");
  if (fault == SimFault::reply_lost) return no_answer();
  return InfrastructureReport{Progress::done, "reverted"};
}

Result<InfrastructureReport> SimWorld::look(const InfrastructureChange& change) {
  if (begin("look", false) != SimFault::none) return not_now();
  Place& place = places[change.environment];
  if (!place.infrastructure_under_way.empty())
    return InfrastructureReport{Progress::under_way, "not answered yet"};
  if (place.infrastructure_done.contains(change.key))
    return InfrastructureReport{Progress::done, "found done"};
  return InfrastructureReport{Progress::not_started, "never arrived"};
}

Result<Digest> SimWorld::publish(const Environment&, const Version& version, const std::string&) {
  return digest_of(version);
}

Result<std::vector<AlarmSeen>> SimWorld::list(const Environment& environment) {
  if (begin("alarms", false) != SimFault::none) return not_now();
  const Place& place = places[environment];
  AlarmSeen alarm{.name = "kiro-worker-" + environment.name + "-errors",
                  .roles = {.trigger = true, .validate = true}};
  alarm.period = seconds(10);
  alarm.state = (place.red || place.red_before) && !blind ? AlarmState::alarm : AlarmState::ok;
  alarm.since = Instant{place.red_since.count()};
  alarm.reason = place.red ? "errors above 1%" : "";
  return std::vector{alarm};
}

Result<std::vector<HealthSeen>> SimWorld::probe(const Environment& environment) {
  if (begin("health", false) != SimFault::none) return not_now();
  const bool well = blind || healthy(places[environment]);
  return std::vector{
      HealthSeen{.name = "api", .healthy = well, .detail = well ? "200 3/3" : "500 0/3"}};
}

Result<std::vector<LogsSeen>> SimWorld::look(const Environment&, Instant, Duration) {
  return std::vector<LogsSeen>{};
}

Result<VersionSeen> SimWorld::read(const Environment& environment) {
  if (begin("version", false) != SimFault::none) return not_now();
  const Place& place = places[environment];
  return VersionSeen{
      .seen = true,
      .version = place.running_version,
      .digest = place.running,
      .operation = (bend ? bend(environment, place.pointer) : place.pointer).operation};
}

Result<> SimWorld::tell(const Notice& notice) {
  const auto fault = begin("tell", true);
  if (channel_down || never_arrives(fault)) return not_now();
  ++told[notice.key];
  end("tell");
  if (fault == SimFault::reply_lost) return no_answer();
  return {};
}

Result<std::string> SimWorld::open(const Notice& notice) {
  const auto fault = begin("incident", true);
  if (never_arrives(fault)) return not_now();
  if (opens_incidents) ++incidents[notice.incident];
  end("incident");
  if (fault == SimFault::reply_lost) return no_answer();
  return notice.incident;
}

}  // namespace stepback
