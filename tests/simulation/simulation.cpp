// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "base/ensure.hpp"
#include "domain/deploying.hpp"
#include "engine/courier.hpp"
#include "engine/reconciler.hpp"
#include "engine/worker.hpp"
#include "simulation/checkers.hpp"
#include "simulation/mutant_store.hpp"

namespace stepback::simulation {
namespace {

struct Crashed {};
struct Broken {
  std::string condition;
};

constexpr int chaotic_steps = 140;
constexpr int calm_steps = 6000;
constexpr int deepest = 2;  // actors acting in the middle of each other's calls

// A worker process: it has a name of its own, and a new one after each death.
struct Process {
  Settings settings;
  std::unique_ptr<Performer> performer;
  std::unique_ptr<Worker> worker;
  bool acting = false;
  int lives = 0;
};

struct Mail {
  Signal signal;
  Duration at{};
};

class Run {
 public:
  explicit Run(const Options& options);
  Report go();

 private:
  using Actor = void (Run::*)();

  // setting up
  void choose_policy();
  void furnish();
  void deploy(const Environment& environment, int version, bool in_progress);
  void set_hooks();
  void start(Process& process);

  // acting
  void chaos();
  void calm();
  bool rests();
  void guarded(Actor actor);
  void let_someone_act();
  void work(Process& process);
  void work_a() { work(processes_[0]); }
  void work_b() { work(processes_[1]); }
  void receive();
  void carry();
  void reconcile();
  void interfere();
  void pass_time();
  void judge_a_version();
  void post_alarms();
  void die(Process& process);

  // faults
  SimFault fault_at(std::string_view point, bool changes);
  void crash_at(std::string_view point);
  bool armed(std::string_view point, std::string_view kind);
  void trace(std::string_view what, std::string_view detail = {});
  FreshIds fresh() { return {random_.next()}; }

  Options options_;
  Random random_;
  Report report_;
  SimClock clock_;
  SimStore store_;
  MutantStore front_{store_, options_.mutant, random_};
  SimWorld world_{clock_};
  Settings settings_;
  Process processes_[2];
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Courier> courier_;
  std::unique_ptr<Reconciler> reconciler_;
  std::unique_ptr<Checkers> checkers_;
  std::deque<Mail> mail_;
  std::map<std::string, bool> was_red_;
  std::map<std::string, bool> arms_;
  bool faults_on_ = false;
  std::uint32_t meddling_ = 40;  // how often somebody acts in the middle of a call, per thousand
  int depth_ = 0;
};

Run::Run(const Options& options) : options_(options), random_(options.seed * 2 + 1) {
  report_.seed = options.seed;
  choose_policy();
  checkers_ = std::make_unique<Checkers>(store_, world_, clock_, settings_);
  furnish();
  set_hooks();
  for (auto& process : processes_) start(process);
  intake_ =
      std::make_unique<Intake>(front_, world_, settings_, clock_, Random(random_.next()), nullptr);
  courier_ =
      std::make_unique<Courier>(store_, std::vector<Notifier*>{&world_}, world_, clock_, nullptr);
  reconciler_ = std::make_unique<Reconciler>(front_, store_, *intake_, world_, world_, world_,
                                             settings_, clock_, nullptr);
  faults_on_ = true;
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
  process.settings.holder = fmt::format("worker-{}-{}", &process - processes_, process.lives++);
  const Delivery delivery{world_, world_, world_};
  const Sight sight{world_, world_, world_, world_};
  process.performer =
      std::make_unique<Performer>(front_, store_, delivery, sight, process.settings, clock_);
  process.worker = std::make_unique<Worker>(front_, *process.performer, world_, process.settings,
                                            clock_, Random(random_.next()), nullptr);
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
    crash_at("after commit");
    return {};
  };
}

// Each kind of fault at each point is armed for one run in four, and fires one time in four.
bool Run::armed(std::string_view point, std::string_view kind) {
  if (!faults_on_) return false;
  const auto name = fmt::format("{} {}", point, kind);
  const auto [arm, fresh_one] = arms_.try_emplace(name, false);
  if (fresh_one) arm->second = random_.chance(250);
  if (!arm->second || !random_.chance(250)) return false;
  ++report_.faults[name];
  trace("fault", name);
  return true;
}

SimFault Run::fault_at(std::string_view point, bool changes) {
  crash_at(point);
  if (armed(point, "unavailable")) return SimFault::unavailable;
  if (!changes) return SimFault::none;
  if (armed(point, "lost")) return SimFault::lost;
  if (armed(point, "reply lost")) return SimFault::reply_lost;
  if (armed(point, "delayed")) return SimFault::delayed;
  return SimFault::none;
}

void Run::crash_at(std::string_view point) {
  if (!faults_on_ || depth_ == 0) return;
  let_someone_act();
  if (armed(point, "crash")) throw Crashed{};
}

void Run::trace(std::string_view what, std::string_view detail) {
  const auto add = [this](std::string_view text) {
    for (const char c : text)
      report_.trace_hash = (report_.trace_hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  add(what);
  add(detail);
  if (options_.trace)
    fmt::print("{:>10}  {:<12} {}\n", to_short(Duration(clock_.steady().count() % 86'400'000)),
               what, detail);
}

// Somebody else gets a turn in the middle of this one's call.
void Run::let_someone_act() {
  if (depth_ >= deepest || !random_.chance(meddling_)) return;
  // Death is only suspected: a living worker may be taken for dead.
  if (random_.chance(100)) world_.dead.insert(processes_[random_.below(2)].settings.holder);
  constexpr std::array<Actor, 5> others{&Run::work_a, &Run::work_b, &Run::receive, &Run::interfere,
                                        &Run::pass_time};
  guarded(others[random_.below(others.size())]);
}

void Run::guarded(Actor actor) {
  ++depth_;
  const bool for_intake = front_.for_intake;
  front_.for_intake = false;
  try {
    (this->*actor)();
  } catch (const Crashed&) {
    ++report_.crashes;
    trace("crashed");
    front_.forget();
  }
  front_.for_intake = for_intake;
  --depth_;
}

void Run::die(Process& process) {
  // Often its death is noticed at once; otherwise the lease must lapse.
  if (random_.chance(600)) world_.dead.insert(process.settings.holder);
  process.acting = false;
  start(process);
}

void Run::work(Process& process) {
  if (process.acting) return;
  const auto due = front_.due(clock_.now() + (random_.chance(100) ? minutes(20) : seconds(0)), 10);
  if (!due || due->empty()) return;
  const auto& each = (*due)[random_.below(due->size())];
  if (!each.lease.holder.empty() && each.lease.holder != process.settings.holder)
    ++report_.takeovers;
  process.acting = true;
  try {
    const auto turn = process.worker->take_turn(each.id);
    trace("turn", turn ? (turn->ended      ? "ended"
                          : turn->not_mine ? "not mine"
                                           : "waits")
                       : turn.error().message);
  } catch (const Crashed&) {
    die(process);
    throw;
  }
  process.acting = false;
}

void Run::receive() {
  if (mail_.empty()) return;
  const auto at = random_.below(std::min<std::size_t>(mail_.size(), 3));
  if (mail_[at].at > clock_.steady()) return;
  const auto mail = mail_[at];
  mail_.erase(mail_.begin() + static_cast<std::ptrdiff_t>(at));
  if (options_.mutant == Mutant::early_acknowledgement)
    checkers_->on_acknowledged(content_key(mail.signal));
  try {
    front_.for_intake = true;
    const auto answer = intake_->take(mail.signal);
    front_.for_intake = false;
    trace("signal", answer ? name_of(answer->record.disposition) : answer.error().message);
    if (answer) {
      checkers_->on_acknowledged(answer->record.key);
    } else if (options_.mutant != Mutant::early_acknowledgement) {
      mail_.push_back({mail.signal, clock_.steady() + seconds(5)});
    }
  } catch (const Crashed&) {
    if (options_.mutant != Mutant::early_acknowledgement)
      mail_.push_back({mail.signal, clock_.steady() + seconds(5)});
    throw;
  }
}

void Run::carry() {
  const auto carried = courier_->turn();
  trace("courier", carried ? std::to_string(*carried) : carried.error().message);
}

void Run::reconcile() {
  const auto looked = reconciler_->turn();
  trace("reconciler", looked ? "looked" : looked.error().message);
}

void Run::judge_a_version() {
  const auto& environment = settings_.environments[random_.below(settings_.environments.size())];
  Version version{fmt::format("v{}", random_.below(2))};
  const auto owner = store_.head(environment)->slot;
  if (owner && random_.chance(700)) {
    const auto acting = store_.rollback(*owner).value();
    const Lane* lane = lane_of(acting, environment);
    if (lane->target) version = lane->target->release.version;
  }
  auto change = add_hold_by_hand(store_.head(environment).value(),
                                 {.version = version,
                                  .digest = SimWorld::digest_of(version),
                                  .reason = "judged bad",
                                  .by = "somebody"},
                                 clock_.now());
  trace("judged", version.text);
  if (change)
    (void)commit_change(front_, *change, false);  // refused is as good: somebody was first
}

// People: they ask, cancel, hand back, judge, deploy a fix.
void Run::interfere() {
  const auto& environment = settings_.environments[random_.below(settings_.environments.size())];
  switch (random_.below(12)) {
    case 0: {
      const auto level = random_.chance(300) ? Level::full : Level::stage;
      const auto asked = intake_->request({.environment = environment,
                                           .level = level,
                                           .reason = "by hand",
                                           .requested_by = "alice"});
      trace("asked", asked ? asked->text : asked.error().message);
      return;
    }
    case 1: {
      const auto owner = store_.head(environment)->slot;
      if (owner && !processes_[0].acting) {
        const auto cancelled = processes_[0].worker->cancel(*owner, "alice", "changed my mind");
        trace("cancel", cancelled ? "done" : cancelled.error().message);
      }
      return;
    }
    case 2: {
      auto change =
          hand_back(store_.head(environment).value(), "alice", "looked at it", clock_.now());
      if (change) (void)commit_change(front_, *change, false);  // refused: asked again another time
      trace("hand back", environment.name);
      return;
    }
    case 3: judge_a_version(); return;
    case 4: {
      const auto head = store_.head(environment).value();
      const bool free = !head.slot && !head.waiting && head.current &&
                        store_.deployment(*head.current)->status != DeploymentStatus::in_progress;
      if (free && depth_ <= 1 && hold_on(head, {"v3"}, SimWorld::digest_of({"v3"})) == nullptr) {
        const bool faults = std::exchange(faults_on_, false);
        deploy(environment, 3, random_.chance(300));
        faults_on_ = faults;
        if (random_.chance(400) && world_.bad.insert(SimWorld::digest_of({"v3"}).hex).second) {
          checkers_->on_unhealthy(SimWorld::digest_of({"v3"}).hex);
        }
        trace("deployed", "v3");
      }
      return;
    }
    default: return;
  }
}

void Run::pass_time() {
  clock_.advance(
      Duration(static_cast<std::int64_t>(random_.below(random_.chance(50) ? 300'000 : 8'000))));
  if (faults_on_ && random_.chance(4)) {
    const auto by = static_cast<std::int64_t>(random_.below(7'200'000)) - 3'600'000;
    clock_.jump(Duration(by));
    checkers_->clock_jumped = true;
    trace("clock jumped", std::to_string(by));
  }
  world_.channel_down = faults_on_ && random_.chance(200);
  world_.deliver_late();
  world_.evaluate_alarms();
  post_alarms();
}

// Each change of state is an event: lost, sent twice, or late.
void Run::post_alarms() {
  for (auto& [environment, place] : world_.places) {
    bool& was = was_red_[environment.name];
    if (std::exchange(was, place.red) == place.red) continue;
    Signal signal{.name = "kiro-worker-" + environment.name + "-errors"};
    signal.state = place.red ? AlarmState::alarm : AlarmState::ok;
    signal.at = Instant{place.red_since.count()};
    signal.reason = "errors above 1%";
    signal.source = "eventbridge";
    auto copies = faults_on_ && random_.chance(150) ? 0 : 1 + random_.below(3);
    for (; copies > 0; --copies) {
      const auto late = random_.chance(150) ? 600'000 : 3'000;
      mail_.push_back({signal, clock_.steady() + Duration(static_cast<std::int64_t>(random_.below(
                                                     static_cast<std::uint64_t>(late))))});
    }
  }
}

void Run::chaos() {
  constexpr std::array<Actor, 10> actors{
      &Run::work_a, &Run::work_b,    &Run::work_a,    &Run::receive,   &Run::receive,
      &Run::carry,  &Run::reconcile, &Run::interfere, &Run::pass_time, &Run::pass_time};
  for (int i = 0; i < chaotic_steps; ++i) {
    guarded(actors[random_.below(actors.size())]);
    checkers_->after_step();
    ++report_.steps;
  }
}

bool Run::rests() {
  if (!mail_.empty() || !world_.late.empty()) return false;
  for (const auto& [place, rollback] : store_.all_rollbacks()) {
    if (is_active(rollback)) return false;
  }
  for (const auto& [place, told] : store_.all_notices()) {
    if (!told.closed) return false;
  }
  return true;
}

// The faults stop; everything must come to its end.
void Run::calm() {
  faults_on_ = false;
  constexpr std::array<Actor, 6> actors{&Run::work_a, &Run::work_b,    &Run::receive,
                                        &Run::carry,  &Run::reconcile, &Run::pass_time};
  for (int i = 0; i < calm_steps && !(i > 60 && rests()); ++i) {
    guarded(actors[static_cast<std::size_t>(i) % actors.size()]);
    checkers_->after_step();
    ++report_.steps;
  }
}

Report Run::go() {
  try {
    chaos();
    calm();
    checkers_->at_rest();
  } catch (const Broken& broken) {
    checkers_->violations.push_back("ENSURE: " + broken.condition);
  }
  report_.violations = std::move(checkers_->violations);
  for (const auto& [place, rollback] : store_.all_rollbacks()) {
    ++report_.rollbacks;
    if (rollback.outcome == Outcome::succeeded) ++report_.succeeded;
    if (rollback.outcome == Outcome::escalated) ++report_.escalated;
    if (rollback.outcome == Outcome::handed_over) ++report_.handed_over;
  }
  return std::move(report_);
}

}  // namespace

Report run(const Options& options) {
  set_broken_handler([](const char* condition) { throw Broken{condition}; });
  return Run(options).go();
}

}  // namespace stepback::simulation
