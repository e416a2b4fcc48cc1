// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/ensure.hpp"
#include "domain/deploying.hpp"
#include "simulation/run.hpp"

namespace stepback::simulation {

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

RememberingStore* Run::memory_for_a_turn(Process& process) const {
  return options_.mutant == Mutant::no_forgetting ? nullptr : process.memory.get();
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
    const RememberingStore::Span remembered(memory_for_a_turn(process));
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
  if (mail_.empty() || function_.acting) return;
  const auto at = random_.below(std::min<std::size_t>(mail_.size(), 3));
  if (mail_[at].at > clock_.steady()) return;
  const auto mail = mail_[at];
  mail_.erase(mail_.begin() + static_cast<std::ptrdiff_t>(at));
  if (options_.mutant == Mutant::early_acknowledgement)
    checkers_->on_acknowledged(content_key(mail.signal));
  if (own_intake_ == nullptr) return deliver(mail);
  function_.acting = true;
  try {
    const RememberingStore::Span remembered(memory_for_a_turn(function_));
    deliver(mail);
  } catch (const Crashed&) {
    die(function_);
    throw;
  }
  function_.acting = false;
}

void Run::deliver(const Mail& mail) {
  try {
    if (own_intake_) {
      auto heads = settings_.environments;
      heads.push_back(Environment{});
      function_.memory->expect({.triggers = {content_key(mail.signal)}, .heads = heads});
    }
    front_.for_intake = true;
    const auto answer = (own_intake_ ? own_intake_ : intake_)->take(mail.signal);
    front_.for_intake = false;
    if (own_intake_ && answer) follow(answer->record);
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

// Without reading again what was read and written a moment ago.
void Run::follow(const TriggerRecord& record) {
  if (record.disposition != Disposition::opened) return;
  const auto turn = function_.worker->take_turn(*record.rollback);
  trace("follow", turn ? (turn->not_mine ? "not mine" : "went") : turn.error().message);
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

namespace {

template <class T>
void differ(const T& ours, const Result<T>& theirs, const std::string& name,
            std::vector<std::string>& violations) {
  if (!theirs) return violations.push_back("mirror: " + name + ": " + theirs.error().message);
  if (*theirs != ours) violations.push_back("mirror: " + name + " differs");
}

}  // namespace

void Run::compare_with_mirror() {
  auto& store = *options_.mirror->store;
  auto& found = checkers_->violations;
  for (const auto& [environment, head] : store_.all_heads())
    differ(head, store.head(environment), "head " + environment.name, found);
  for (const auto& [place, rollback] : store_.all_rollbacks())
    differ(rollback, store.rollback(rollback.id), rollback.id.text, found);
  for (const auto& [place, deployment] : store_.all_deployments())
    differ(deployment, store.deployment(deployment.id), deployment.id.text, found);
  for (const auto& [place, trigger] : store_.all_triggers())
    differ(trigger, store.trigger(trigger.key), trigger.key, found);
  const auto report = options_.mirror->ledger->audit();
  if (!report) return found.push_back("mirror: audit: " + report.error().message);
  for (const auto& finding : report->findings) found.push_back("mirror: audit: " + finding);
  if (report->entries != store_.all_entries().size()) found.emplace_back("mirror: journal differs");
}

Report Run::go() {
  try {
    chaos();
    calm();
    checkers_->at_rest();
    if (options_.mirror) compare_with_mirror();
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

Report run(const Options& options) {
  set_broken_handler([](const char* condition) { throw Broken{condition}; });
  return Run(options).go();
}

}  // namespace stepback::simulation
