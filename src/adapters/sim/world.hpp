// SPDX-License-Identifier: Apache-2.0
#pragma once

// SimWorld: a pretend account that answers all ports but the store's: versions that run, alarms
// that turn red and clear, artifacts, infrastructure, people. Time is its own, and moves only when
// told. Hooks let a simulation lose requests and replies, delay them, crash the caller, or let
// somebody else act in the middle of a call. One thread.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ports/delivery.hpp"
#include "ports/liveness.hpp"
#include "ports/observation.hpp"
#include "ports/outreach.hpp"

namespace stepback {

class SimClock final : public Clock {
 public:
  Instant now() const override { return Instant{true_.count()} + offset_; }
  Duration steady() const override { return true_; }
  void advance(Duration by) { true_ += by; }
  void jump(Duration by) { offset_ += by; }  // the wall clock only

 private:
  Duration true_{1'769'500'000'000};
  Duration offset_{};
};

// What happens to one request.
enum class SimFault { none, lost, reply_lost, delayed, unavailable };

class SimWorld final : public Pipeline,
                       public Artifacts,
                       public Infrastructure,
                       public Publisher,
                       public Alarms,
                       public Health,
                       public Logs,
                       public LiveVersion,
                       public Liveness,
                       public Notifier,
                       public Incidents {
 public:
  struct Place {
    Pointer pointer;
    Digest running;
    Version running_version;
    Duration running_since{};
    std::string infrastructure;
    std::string infrastructure_under_way;  // key of a request that may still arrive
    std::set<std::string> infrastructure_done;
    bool cursed = false;                  // nothing is healthy here, whatever runs
    bool red_before = false;              // its alarm is red for reasons of its own
    bool red = false;                     // the alarm, as it was last evaluated
    Duration red_since{};                 // its last change
    Duration differs_since{};             // from when health says otherwise; 0: it does not
    std::vector<std::uint64_t> accepted;  // numbers, in the order of acceptance
  };
  // A request that was accepted by the network and has not arrived yet.
  struct Late {
    Duration at{};
    Environment environment;
    Switch change;
    InfrastructureChange infrastructure;
    enum class Kind { switch_application, stamp, infrastructure } kind = Kind::switch_application;
  };

  explicit SimWorld(SimClock& clock) : clock_(clock) {}

  // --- what the simulation sets and sees
  std::function<SimFault(std::string_view point, bool changes)>
      before;                                         // may throw: the caller dies
  std::function<void(std::string_view point)> after;  // the same, after it took effect
  std::function<void(const Environment&, const std::string& key, std::uint64_t operation)>
      on_accept;
  std::function<void(const Environment&, const std::string& key, std::uint64_t operation)> on_issue;
  std::function<void(const Switch&, const Place&)> on_switched;
  std::function<Pointer(const Environment&, Pointer)> bend;  // what readers of the pointer are told
  std::map<Environment, Place> places;
  std::set<std::string> bad;                       // digests that are unhealthy
  std::map<std::string, ArtifactState> artifacts;  // by digest; not listed: present
  std::set<std::string> dead;                      // holders
  std::map<std::string, int> told;                 // notices people got, and how often
  std::map<std::string, int> incidents;
  std::vector<Late> late;
  Duration red_after = seconds(20);  // from the switch to ALARM, and back to OK
  bool channel_down = false;
  int looks_until_followed = 0;    // what follows a switch is seen to be over after so many
  bool fenced = true;              // the pointer refuses older numbers
  bool stamps = true;              // the barrier raises the number
  Duration late_by = seconds(45);  // when a delayed request arrives
  bool blind = false;              // probes and alarms see nothing wrong
  bool opens_incidents = true;

  void deliver_late();     // everything whose time has come
  void evaluate_alarms();  // they follow health, after a while
  bool healthy(const Place& place) const;

  Result<std::string> stop(const Environment& environment, const std::string& reason) override;
  Result<PipelineState> state(const Environment& environment) override;
  Result<ArtifactReport> check(const Environment& environment, const Version& version,
                               const Digest& digest, bool thorough) override;
  Result<Pointer> pointer(const Environment& environment) override;
  Result<> stamp(const Environment& environment, std::uint64_t operation) override;
  Result<std::string> switch_to(const Switch& change) override;
  bool configured() const override { return true; }
  Result<InfrastructureReport> revert(const InfrastructureChange& change) override;
  Result<InfrastructureReport> look(const InfrastructureChange& change) override;
  Result<Digest> publish(const Environment& environment, const Version& version,
                         const std::string& from) override;
  Result<std::vector<AlarmSeen>> list(const Environment& environment) override;
  Result<std::vector<HealthSeen>> probe(const Environment& environment) override;
  Result<std::vector<LogsSeen>> look(const Environment& environment, Instant cutover,
                                     Duration look_back) override;
  Result<VersionSeen> read(const Environment& environment) override;
  bool is_dead(const std::string& holder) override { return dead.contains(holder); }
  std::string_view name() const override { return "people"; }
  bool wants(const Notice&) const override { return true; }
  Result<> tell(const Notice& notice) override;
  Result<std::string> open(const Notice& notice) override;

  // A digest for a pretend version: 64 characters that depend on it alone.
  static Digest digest_of(const Version& version);

 private:
  SimFault begin(std::string_view point, bool changes) {
    return before ? before(point, changes) : SimFault::none;
  }
  void end(std::string_view point) {
    if (after) after(point);
  }
  Result<> accept(Place& place, const Environment& environment, const std::string& key,
                  std::uint64_t operation);
  Result<> apply_switch(const Switch& change);

  SimClock& clock_;
};

}  // namespace stepback
