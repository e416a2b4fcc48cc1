// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <atomic>

#include "base/pool.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/follow.hpp"
#include "entry/cli/render_run.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

// While a run is carried out here, Ctrl-C has it end like `pipeline stop` from elsewhere.
class Stopping {
 public:
  Stopping(Session& session, Engine& engine) : session_(session), engine_(engine) {
    thread_ = start_thread("interrupt", [this](std::stop_token) { watch(); });
  }
  ~Stopping() { pause_.stop(); }
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

 private:
  void watch() {
    const int before = session_.interruptions();
    while (pause_.wait(look_again)) {
      if (session_.interruptions() == before) continue;
      // It fails when the run has ended meanwhile: then there is nothing to stop.
      (void)engine_.runs.ask_to_stop(session_.terminal().user);
      return;
    }
  }

  Session& session_;
  Engine& engine_;
  ThreadWaiter pause_;
  std::jthread thread_;  // last: it uses all of the above
};

void say(Session& session, const Run& run, std::string_view stage, std::string_view what) {
  if (stage.empty()) {
    session.talk({Line(fmt::format("{} of {}, {}", run.id.text, short_version(run.version),
                                   count_of(run.stages.size(), "stage")))});
    return;
  }
  Line line(running_sign, Role::running);
  line.add(" ").add(stage).pad_to(26).add(what);
  session.talk({std::move(line)});
}

Exit exit_of(const Run& run) {
  switch (run.state) {
    case RunState::running: return Exit::pending;
    case RunState::passed: return Exit::done;
    case RunState::failed: return Exit::bad;
    case RunState::rejected:
    case RunState::expired: return Exit::refused;
    case RunState::stopped: return Exit::interrupted;
  }
  std::unreachable();
}

// What failed after it was deployed goes back before the command ends.
Answered<> after(Session& session, Engine& engine, const Run& run) {
  for (const auto& stage : run.stages) {
    if (!stage.rollback) continue;
    TRY(follow(session, engine, {.id = *stage.rollback}));
  }
  return exit_of(run);
}

}  // namespace

Answered<> perform(const PipelineRunOptions& options, Session& session) {
  TRY(session.may_change("running the pipeline"));
  Engine& engine = *TRY(session.engine());
  const auto version =
      TRY(told(parse_version(options.version),
               {.what = "no version can be called so", .attempt = "stepback help concepts"}));
  // A run whose process died would stand in the way, and so would a deployment of it.
  TRY(told(engine.reconciler.turn(), {.what = "what was left under way cannot be looked at"}));
  std::optional<Turning> turning(std::in_place, engine);
  std::optional<Stopping> stopping(std::in_place, session, engine);
  const auto run =
      engine.runs.carry_out({.version = version, .by = session.terminal().user},
                            [&](const Run& now, std::string_view stage, std::string_view what) {
                              say(session, now, stage, what);
                            });
  stopping.reset();
  if (run) {
    const auto told_all = turning->finish();
    if (!told_all) session.remark({"people could not be told: " + told_all.error().message});
  }
  turning.reset();
  if (!run) {
    return complain(complaint_of(run.error(), {.what = options.version + " was not taken through",
                                               .attempt = "stepback pipeline status"}));
  }
  session.print(answer_of(*run, engine.clock.now()));
  return after(session, engine, *run);
}

Answered<> perform(const PipelineStatusOptions& /*options*/, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto run =
      TRY(told(engine.runs.newest(), {.what = "there is no run to show",
                                      .attempt = "stepback pipeline run --version VERSION"}));
  session.print(answer_of(run, engine.clock.now()));
  return Exit::done;
}

Answered<> perform(const PipelineStopOptions& /*options*/, Session& session) {
  TRY(session.may_change("stopping a run"));
  Engine& engine = *TRY(session.engine());
  const auto run =
      TRY(told(engine.runs.ask_to_stop(session.terminal().user),
               {.what = "nothing was stopped", .attempt = "stepback pipeline status"}));
  session.remark({fmt::format("{} ends at the next moment it looks; next: stepback pipeline status",
                              run.id.text)});
  return Exit::done;
}

}  // namespace stepback::cli
