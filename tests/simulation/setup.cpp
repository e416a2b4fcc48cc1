// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/ensure.hpp"
#include "domain/deploying.hpp"
#include "simulation/run.hpp"

namespace stepback::simulation {

Run::Run(const Options& options)
    : options_(options),
      random_(options.seed * 2 + 1),
      remembers_(options.remembers.value_or(options.seed % 4 == 2 ||
                                            options.mutant == Mutant::no_forgetting)) {
  report_.seed = options.seed;
  choose_policy();
  checkers_ = std::make_unique<Checkers>(store_, world_, clock_, settings_);
  store_.after_commit = [this](const Commit& commit) -> Result<> {
    mirror(commit);
    return {};
  };
  furnish();
  set_hooks();
  processes_[0].name = "worker-0";
  processes_[1].name = "worker-1";
  for (auto& process : processes_) start(process);
  intake_ =
      std::make_unique<Intake>(front_, world_, settings_, clock_, Random(random_.next()), nullptr);
  courier_ =
      std::make_unique<Courier>(store_, std::vector<Notifier*>{&world_}, world_, clock_, nullptr);
  reconciler_ = std::make_unique<Reconciler>(front_, store_, *intake_, world_, world_, world_,
                                             settings_, clock_, nullptr);
  if (remembers_) start_function();
  faults_on_ = true;
}

void Run::mirror(const Commit& commit) {
  if (!options_.mirror) return;
  const auto mirrored = options_.mirror->store->commit(commit);
  if (!mirrored)
    checkers_->violations.push_back("mirror: refused a commit: " + mirrored.error().message);
}

void Run::choose_policy() {
  settings_.service = "sim";
  const auto count = 1 + random_.below(3);
  for (const auto* name : {"test", "staging", "production"}) {
    if (settings_.environments.size() < count) settings_.environments.push_back({name});
  }
  settings_.alarms = default_alarm_rules("kiro");
  settings_.lanes_at_once = 1;
  settings_.holder = "door";
  Policy& policy = settings_.policy;
  policy.settle = seconds(static_cast<int>(5 + random_.below(30)));
  policy.look_every = seconds(2);
  policy.bake = minutes(static_cast<int>(1 + random_.below(30)));
  policy.budget = minutes(static_cast<int>(3 + random_.below(12)));
  policy.brake_count = static_cast<int>(1 + random_.below(3));
  policy.attempts = static_cast<int>(2 + random_.below(3));
  policy.full_after_stage = random_.chance(800);
  meddling_ = random_.chance(300) ? 200 : 40;
  world_.late_by = seconds(static_cast<int>(3 + random_.below(90)));
}

// Versions 0 and 1 were deployed and are good; version 2 was just deployed, and may be bad.
void Run::furnish() {
  const bool bad = random_.chance(750);
  const bool in_progress = random_.chance(300);
  for (const auto& environment : settings_.environments) {
    if (!random_.chance(50)) deploy(environment, 0, false);
    if (!random_.chance(50)) deploy(environment, 1, false);
  }
  for (std::size_t i = 0; i < settings_.environments.size(); ++i) {
    const bool last = i + 1 == settings_.environments.size();
    if (last || random_.chance(850)) deploy(settings_.environments[i], 2, in_progress && last);
  }
  if (bad) {
    world_.bad.insert(SimWorld::digest_of({"v2"}).hex);
    checkers_->on_unhealthy(SimWorld::digest_of({"v2"}).hex);
  }
  if (random_.chance(150)) {
    world_.bad.insert(SimWorld::digest_of({"v1"}).hex);
    checkers_->on_unhealthy(SimWorld::digest_of({"v1"}).hex);
  }
  if (random_.chance(60))
    world_.artifacts[SimWorld::digest_of({"v1"}).hex] = ArtifactState::missing;
  if (random_.chance(60))
    world_.artifacts[SimWorld::digest_of({"v0"}).hex] = ArtifactState::altered;
  if (random_.chance(100)) world_.places[settings_.environments.back()].cursed = true;
  if (random_.chance(80)) world_.places[settings_.environments.back()].red_before = true;
}

void Run::deploy(const Environment& environment, int version, bool in_progress) {
  DeployRequest request{.environment = environment, .version = {fmt::format("v{}", version)}};
  request.digest = SimWorld::digest_of(request.version);
  request.started_by = "ci";
  request.infrastructure_changed = random_.chance(500);
  request.infrastructure_version = "infra-" + request.version.text;
  request.baseline = {{"kiro-worker-" + environment.name + "-errors",
                       world_.places[environment].red_before ? AlarmState::alarm : AlarmState::ok}};
  const auto commit = [&](Result<DeployChange> change) {
    ENSURE(change.has_value());
    ENSURE(commit_change(store_, *change).has_value());
    return store_.deployment(change->deployment.id).value();
  };
  const auto head = [&] { return store_.head(environment).value(); };
  const auto current = head().current;
  std::optional<Deployment> before;
  if (current) before = store_.deployment(*current).value();
  auto deployment = commit(begin_deployment(head(), before, request, clock_.now(), settings_.policy,
                                            fresh().deployment(clock_.now(), 0)));
  deployment = commit(number_switch(head(), deployment, clock_.now()));
  deployment = commit(note_cutover(head(), deployment, clock_.now()));
  auto& place = world_.places[environment];
  place.pointer = {request.version, request.digest, head().operations, true};
  place.running = request.digest;
  place.running_version = request.version;
  place.running_since = clock_.steady();
  place.infrastructure = request.infrastructure_version;
  clock_.advance(seconds(1));
  if (in_progress) return;
  deployment = commit(succeed_deployment(head(), deployment, clock_.now()));
  if (version == 2) return;
  clock_.advance(settings_.policy.bake + seconds(1));
  commit(finish_baking(head(), deployment, clock_.now()));
}

void Run::start(Process& process) {
  process.settings = settings_;
  process.settings.holder = fmt::format("{}-{}", process.name, process.lives++);
  if (remembers_ && !process.memory)
    process.memory = std::make_unique<RememberingStore>(front_, &many_);
  if (options_.mutant == Mutant::no_forgetting) process.memory->begin();
  Store& store = process.memory ? static_cast<Store&>(*process.memory) : front_;
  const Delivery delivery{world_, world_, world_};
  const Sight sight{world_, world_, world_, world_};
  process.performer =
      std::make_unique<Performer>(store, store_, delivery, sight, process.settings, clock_);
  process.worker = std::make_unique<Worker>(store, *process.performer, world_, process.settings,
                                            clock_, Random(random_.next()), nullptr);
}

void Run::start_function() {
  function_.name = "function";
  start(function_);
  own_intake_ = std::make_unique<Intake>(*function_.memory, world_, settings_, clock_,
                                         Random(random_.next()), nullptr);
}

void Run::set_hooks() {
  world_.before = [this](std::string_view point, bool changes) { return fault_at(point, changes); };
  world_.after = [this](std::string_view point) { crash_at(point); };
  world_.on_accept = [this](const Environment& environment, const std::string& key,
                            std::uint64_t operation) {
    trace("accepted", key);
    checkers_->on_accept(environment, key, operation);
  };
  world_.on_issue = [this](const Environment& environment, const std::string& key,
                           std::uint64_t operation) {
    checkers_->on_issue(environment, key, operation);
  };
  world_.on_switched = [this](const Switch& change, const SimWorld::Place& place) {
    checkers_->on_switched(change, place);
  };
  world_.fenced = options_.mutant != Mutant::no_fence;
  world_.stamps = options_.mutant != Mutant::no_barrier;
  world_.blind = options_.mutant == Mutant::blind_success;
  world_.opens_incidents = options_.mutant != Mutant::no_incident;
  if (options_.mutant == Mutant::skip_stamp) {
    world_.bend = [this](const Environment& environment, Pointer pointer) {
      const auto head = store_.head(environment).value();
      if (!head.slot) return pointer;
      const auto owner = store_.rollback(*head.slot).value();
      const Lane* lane = lane_of(owner, environment);
      if (lane == nullptr || !lane->target || lane->target->release.version != pointer.version)
        return pointer;
      pointer.operation = lane->pending && lane->pending->operation != 0 ? lane->pending->operation
                                                                         : lane->operation;
      return pointer;
    };
  }
  store_.before_commit = [this](const Commit&) -> Result<> {
    crash_at("before commit");
    if (armed("commit", "refused")) return fail(Code::unavailable, "the store is busy");
    return {};
  };
  store_.after_commit = [this](const Commit& commit) -> Result<> {
    checkers_->on_commit(commit);
    mirror(commit);
    crash_at("after commit");
    return {};
  };
}

}  // namespace stepback::simulation
