// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/follow.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/pool.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

bool has_begun(const Rollback& rollback) {
  return std::ranges::any_of(rollback.lanes, [](const Lane& lane) {
    return std::ranges::any_of(lane.steps, [](const Step& step) { return step.attempt > 0; });
  });
}

// What a person's wish to leave comes to.
enum class Leaving { no, cancelled, detached };

class Follower {
 public:
  Follower(Session& session, Engine& engine, const Following& following)
      : session_(session),
        engine_(engine),
        following_(following),
        id_(following.id),
        handled_(session.interruptions()),
        begun_at_(engine.clock.steady()),
        view_(session, engine) {
    if (following.ours) turning_.emplace(engine);
  }

  Answered<> run() {
    for (;;) {
      const auto rollback =
          TRY(told(engine_.store.rollback(id_), {.what = id_.text + " cannot be read"}));
      view_.update(rollback);
      if (rollback.handed_to) {
        id_ = *rollback.handed_to;
        continue;
      }
      if (!is_active(rollback)) return ended(rollback);
      switch (leaving(rollback)) {
        case Leaving::no: break;
        case Leaving::cancelled: continue;
        case Leaving::detached: return detach(Exit::interrupted);
      }
      if (following_.timeout && engine_.clock.steady() - begun_at_ >= *following_.timeout)
        return detach(Exit::overtime);
      if (!engine_.waiter.wait(look_again)) return detach(Exit::interrupted);
    }
  }

 private:
  Leaving leaving(const Rollback& rollback) {
    if (session_.interruptions() <= handled_) return Leaving::no;
    if (following_.ours && !has_begun(rollback)) {
      const auto cancelled = engine_.make_worker()->cancel(id_, session_.terminal().user,
                                                           "interrupted at the terminal");
      // Somebody committed in between: the next look tells whether it has begun.
      if (!cancelled) return Leaving::no;
      cancelled_here_ = true;
      handled_ = session_.interruptions();
      return Leaving::cancelled;
    }
    const bool abandoned = turning_ && turning_->is_ours();
    const bool first = !warned_;
    handled_ = session_.interruptions();
    if (!abandoned || !first) return Leaving::detached;
    warned_ = true;
    view_.leave();
    session_.remark(
        {fmt::format("{} has begun and goes forward only; no server is running, so this "
                     "process carries it on. Ctrl-C again leaves it half done.",
                     id_.text)});
    return Leaving::no;
  }

  Answered<> detach(Exit exit) {
    view_.leave();
    const bool ours = turning_ && turning_->is_ours();
    if (turning_) (void)turning_->finish();  // what cannot be told now waits in the outbox
    session_.remark({fmt::format("left {} as it is; {}", id_.text,
                                 ours ? "nobody works on it until `stepback serve` runs"
                                      : "the server goes on"),
                     fmt::format("next: stepback watch {}", id_.text)});
    return exit;
  }

  Answered<> ended(const Rollback& rollback) {
    Result<> informed;
    if (turning_) informed = turning_->finish();
    const auto now = to_rfc3339_seconds(engine_.clock.now());
    if (rollback.outcome == Outcome::succeeded) {
      for (const auto& lane : rollback.lanes) {
        if (lane.end == LaneEnd::passed)
          view_.say(fmt::format("{} {} record done {} rolled_back", now, lane.environment.name,
                                lane.deployment.text));
      }
    }
    view_.say(fmt::format("{} {} notify {}", now, rollback.environment.name,
                          informed ? "done" : "failed " + informed.error().message));
    Answer answer{.screen = end_screen(rollback),
                  .rows = Table({{"ID"}, {"ENVIRONMENT"}, {"OUTCOME"}, {"WHY"}}),
                  .document = to_json(rollback),
                  .ids = {rollback.id.text}};
    answer.rows.add({rollback.id.text, rollback.environment.name,
                     rollback.outcome ? name_of(*rollback.outcome) : "under way", rollback.why});
    session_.print(answer);
    return cancelled_here_ ? Exit::interrupted : exit_of(rollback);
  }

  Session& session_;
  Engine& engine_;
  const Following& following_;
  RollbackId id_;
  int handled_;
  Duration begun_at_;
  bool warned_ = false;
  bool cancelled_here_ = false;
  LiveView view_;
  std::optional<Turning> turning_;
};

}  // namespace

Answered<> follow(Session& session, Engine& engine, const Following& following) {
  return Follower(session, engine, following).run();
}

// --- what is seen -------------------------------------------------------------------------------

LiveView::LiveView(Session& session, Engine& engine)
    : session_(session), engine_(engine), paints_(session.can_paint()) {}

void LiveView::update(const Rollback& rollback) {
  const auto now = engine_.clock.now();
  if (paints_)
    return paint(live_screen(engine_.settings.service, rollback, now, session_.style().width));
  for (const auto& line : lines_.next(rollback, now)) say(line);
}

void LiveView::say(const std::string& line) {
  if (!paints_ && !session_.global().quiet) session_.talk({line});
}

void LiveView::paint(const Screen& screen) {
  if (!paints_) return;
  std::string text;
  for (const auto& line : screen) text += render(line, session_.style()) + "\x1b[K\n";
  if (text == painted_ && painted_lines_ > 0) return;
  auto& out = session_.terminal().out;
  if (painted_lines_ > 0) out << fmt::format("\x1b[{}F", painted_lines_);
  out << text << "\x1b[J";
  out.flush();
  painted_ = std::move(text);
  painted_lines_ = screen.size();
}

// --- who works ----------------------------------------------------------------------------------

Turning::Turning(Engine& engine) : engine_(engine) {
  if (engine.server_is_alive()) return;
  runner_ = engine.make_runner();
  runner_->start();
  alarms_ = start_thread("alarms", [this](std::stop_token) {
    do {
      engine_.evaluate_alarms();
    } while (alarms_pause_.wait(seconds(1)));
  });
}

Turning::~Turning() { stop(); }

void Turning::stop() {
  if (!runner_) return;
  alarms_pause_.stop();
  alarms_.join();
  runner_->stop();
  runner_.reset();
}

Result<> Turning::finish() {
  if (!runner_) return {};
  stop();
  TRY(engine_.courier.turn());
  return {};
}

}  // namespace stepback::cli
