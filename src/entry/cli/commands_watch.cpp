// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/commands.hpp"
#include "entry/cli/follow.hpp"
#include "entry/cli/lookup.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

constexpr Duration look_at_environment = seconds(2);
constexpr Duration sign_of_life = seconds(30);

// Watches what runs, as long as nothing is being rolled back.
class EnvironmentWatch {
 public:
  EnvironmentWatch(Session& session, Engine& engine, Environment environment,
                   std::optional<Duration> duration)
      : session_(session),
        engine_(engine),
        environment_(std::move(environment)),
        duration_(duration),
        view_(session, engine),
        handled_(session.interruptions()) {}

  Answered<> run() {
    const auto begun = engine_.clock.steady();
    auto look_at = begun;
    for (;;) {
      const auto now = engine_.clock.steady();
      if (now >= look_at) {
        look_at = now + look_at_environment;
        if (auto exit = TRY(look())) return *exit;
      }
      if (duration_ && now - begun >= *duration_) return Exit::done;
      if (session_.interruptions() > handled_) return Exit::interrupted;
      if (!engine_.waiter.wait(look_again)) return Exit::interrupted;
    }
  }

 private:
  // An exit, when there is nothing left to watch.
  Answered<std::optional<Exit>> look() {
    if (!engine_.server_is_alive()) engine_.evaluate_alarms();
    const auto seen = TRY(told(engine_.query.environment(environment_),
                               {.what = environment_.name + " cannot be read"}));
    show(seen);
    if (seen.rollback && is_active(*seen.rollback)) {
      view_.leave();
      const auto exit = TRY(follow(session_, engine_, {.id = seen.rollback->id, .ours = false}));
      return duration_ && exit == Exit::done ? Exit::bad : exit;
    }
    if (duration_ && !red_alarms(seen).empty()) return Exit::bad;
    return std::nullopt;
  }

  void show(const EnvironmentView& seen) {
    const auto now = engine_.clock.now();
    if (view_.paints()) {
      auto screen = status_screen(engine_.settings.service, std::span(&seen, 1), now, true);
      screen.push_back(Line("Ctrl-C leaves it", Role::muted));
      return view_.paint(screen);
    }
    const auto version = seen.head.live ? short_version(seen.head.live->version) : "nothing";
    const auto what = fmt::format("{} {} alarms={}", state_of(seen, now).word, version,
                                  seen.alarms ? std::to_string(red_alarms(seen).size()) : "unread");
    if (what == said_ && now - said_at_ < sign_of_life) return;
    said_ = what;
    said_at_ = now;
    view_.say(fmt::format("{} {} {}", to_rfc3339_seconds(now), environment_.name, what));
  }

  Session& session_;
  Engine& engine_;
  Environment environment_;
  std::optional<Duration> duration_;
  LiveView view_;
  int handled_;
  std::string said_;
  Instant said_at_{};
};

// What to watch when nothing was named: the one rollback under way.
Answered<std::optional<RollbackId>> only_rollback(Session& session, Engine& engine) {
  const auto active = TRY(told(engine.query.ledger().rollbacks({.active_only = true}),
                               {.what = "the rollbacks cannot be read"}));
  if (active.empty()) return std::nullopt;
  if (active.size() == 1) return active.front().id;
  for (const auto& each : active)
    session.remark({fmt::format("{}  {}", each.id.text, each.environment.name)});
  return complain({Exit::usage, "several rollbacks are under way",
                   "watch needs to know which one of them",
                   "stepback watch " + active.front().id.text, ""});
}

}  // namespace

Answered<> perform(const WatchOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  if (options.subject.empty()) {
    const auto only = TRY(only_rollback(session, engine));
    if (only) return follow(session, engine, {.id = *only, .ours = false});
    session.remark({"no rollback is under way"});
    return Exit::done;
  }
  const bool is_id = options.subject.starts_with("rb-") || options.subject.starts_with("dep-");
  if (is_id) {
    const auto id = TRY(resolve_rollback(engine, options.subject));
    return follow(session, engine, {.id = id, .timeout = options.duration, .ours = false});
  }
  auto environment = TRY(session.environment(options.subject));
  return EnvironmentWatch(session, engine, std::move(environment), options.duration).run();
}

}  // namespace stepback::cli
