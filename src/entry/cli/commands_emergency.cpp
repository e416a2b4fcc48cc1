// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/documents_judged.hpp"
#include "entry/cli/follow.hpp"
#include "entry/cli/render_status.hpp"

namespace stepback::cli {
namespace {

using Lines = std::vector<EmergencyLine>;

std::string_view word_of(EmergencyDeed deed) {
  switch (deed) {
    case EmergencyDeed::roll_back: return "roll back";
    case EmergencyDeed::watch: return "under way";
    case EmergencyDeed::leave: return "leave alone";
    case EmergencyDeed::stuck: return "people";
  }
  std::unreachable();
}

Table plan_table(const Lines& lines) {
  Table table({{"ENVIRONMENT"}, {"RUNS"}, {"DEED"}, {"BACK TO"}, {"TAKES"}, {"WHY"}});
  for (const auto& line : lines) {
    const auto& here = line.facts;
    const bool back = line.deed == EmergencyDeed::roll_back;
    table.add({here.environment.name, here.live ? short_version(here.live->version) : "nothing",
               word_of(line.deed), back ? short_version(here.target->release.version) : "",
               back ? about(here.predicted) : "", line.why});
  }
  return table;
}

json::Object plan_document(const Engine& engine, const Lines& lines) {
  json::Array list;
  for (const auto& line : lines) list.push_back(emergency_document(line));
  return {{"schema", "stepback/v1/emergency"},
          {"service", engine.settings.service},
          {"environments", std::move(list)}};
}

Answer answer_of(const Engine& engine, const Lines& lines) {
  Answer answer{.rows = plan_table(lines), .document = plan_document(engine, lines)};
  for (const auto& line : lines) {
    answer.list.push_back(emergency_document(line));
    answer.ids.push_back(line.facts.environment.name);
  }
  return answer;
}

// One emergency at a terminal: its phases, each line with the time since it began.
class Room {
 public:
  Room(Session& session, Engine& engine, const EmergencyOptions& options)
      : session_(session),
        engine_(engine),
        options_(options),
        by_(session.terminal().user),
        begun_(engine.clock.steady()) {}

  Answered<> run(const Environments& environments) {
    say("phase 1: what is wrong, and stop");
    lines_ =
        TRY(told(engine_.emergencies.plan(environments, options_.all),
                 {.what = "the environments cannot be looked at", .attempt = "stepback status"}));
    session_.talk(plan_table(lines_).screen(!session_.global().no_header));
    if (TRY(agreed()) == Agreement::declined) return Exit::done;
    const auto reason = options_.consent.reason.empty() ? "emergency" : options_.consent.reason;
    TRY(told(engine_.emergencies.declare(lines_, by_, reason),
             {.what = "the emergency is not on record, and nothing was touched",
              .attempt = "stepback doctor"}));
    say("people are told");
    const bool all_stopped = stop(reason);
    if (options_.stop_only) return over(all_stopped ? Exit::done : Exit::partly);
    say("phase 2: back to what was good, production first");
    const auto ended = TRY(roll_back(reason));
    const auto soaked = ended == Exit::interrupted ? Exit::interrupted : TRY(soak());
    return over(ended == Exit::done ? soaked : ended);
  }

 private:
  void say(const std::string& what) {
    const auto since = engine_.clock.steady() - begun_;
    session_.talk({Line(fmt::format("+{:<7} {}", clock_text(since), what), Role::strong)});
  }

  Answered<Agreement> agreed() {
    Asking asking{.danger = Danger::severe, .deed = "the emergency plan"};
    asking.name = engine_.settings.service;
    asking.declined = "Nothing was stopped and nothing rolled back";
    std::string named;
    for (const auto& each : options_.environments) named += " " + each;
    asking.command = fmt::format(
        "stepback emergency{}{}{} --confirm {} --reason TEXT", named, options_.all ? " --all" : "",
        options_.stop_only ? " --stop-only" : "", engine_.settings.service);
    return confirm(session_, asking, options_.consent);
  }

  bool stop(const std::string& reason) {
    bool all = true;
    for (const auto& each : engine_.emergencies.stop(lines_, by_, reason)) {
      all = all && each.what;
      say(fmt::format("stop {}: {}", each.environment.name,
                      each.what ? *each.what : each.what.error().message));
    }
    return all;
  }

  // All are under way before the first is waited for.
  Answered<> roll_back(const std::string& reason) {
    std::vector<std::pair<Environment, RollbackId>> under_way;
    for (const auto& each : engine_.emergencies.open(lines_, by_, reason)) {
      if (each.rollback) {
        under_way.emplace_back(each.environment, *each.rollback);
        say(fmt::format("{}: {}", each.environment.name, each.rollback->text));
      } else {
        ++failed_;
        say(fmt::format("{} was not rolled back: {}", each.environment.name,
                        each.rollback.error().message));
      }
    }
    for (const auto& [environment, id] : under_way) {
      const auto exit = TRY(follow_one(environment, id));
      if (exit == Exit::interrupted) return exit;
      exit == Exit::done ? ++succeeded_ : ++failed_;
      if (exit == Exit::done) restored_.push_back(environment);
    }
    for (const auto& line : lines_) {
      if (line.deed == EmergencyDeed::stuck) ++failed_;
    }
    if (failed_ == 0) return Exit::done;
    return succeeded_ > 0 ? Exit::partly : Exit::bad;
  }

  // Whoever follows one works on all; what somebody else opened is not ours to cancel.
  Answered<> follow_one(const Environment& environment, const RollbackId& id) {
    const auto line = std::ranges::find_if(
        lines_, [&](const EmergencyLine& each) { return each.facts.environment == environment; });
    const bool ours = line == lines_.end() || line->deed != EmergencyDeed::watch;
    std::optional<Turning> turning;
    if (!ours) turning.emplace(engine_);
    return follow(session_, engine_, {.id = id, .ours = ours});
  }

  // What was rolled back is watched for a while, as nobody would by hand.
  Answered<> soak() {
    if (restored_.empty()) return Exit::done;
    say(fmt::format("watching {} for {}", count_of(restored_.size(), "environment"),
                    to_short(options_.soak)));
    const auto end = engine_.clock.steady() + options_.soak;
    const auto handled = session_.interruptions();
    while (engine_.clock.steady() < end) {
      if (!engine_.server_is_alive()) engine_.evaluate_alarms();
      for (const auto& environment : restored_) {
        const auto view = TRY(told(engine_.query.environment(environment),
                                   {.what = environment.name + " cannot be read"}));
        const auto red = red_alarms(view);
        if (red.empty()) continue;
        say(fmt::format("{} is in ALARM in {} again: {}", red.front()->name, environment.name,
                        red.front()->reason));
        return Exit::bad;
      }
      if (session_.interruptions() > handled || !engine_.waiter.wait(seconds(1)))
        return Exit::interrupted;
    }
    say("nothing turned red");
    return Exit::done;
  }

  Answered<> over(Exit exit) {
    const auto text =
        fmt::format("{} of {} restored, {} not", succeeded_, succeeded_ + failed_, failed_);
    TRY(told(engine_.emergencies.note("over", by_, text),
             {.what = "the end of the emergency is not on record"}));
    say(options_.stop_only ? "stopped; nothing was rolled back" : "phase 3: " + text);
    auto answer = answer_of(engine_, lines_);
    auto& document = answer.document.as_object();
    document["restored"] = succeeded_;
    document["failed"] = failed_;
    answer.screen = what_is_left();
    session_.print(answer);
    return exit;
  }

  Screen what_is_left() const {
    Screen screen;
    for (const auto& line : lines_) {
      const auto& name = line.facts.environment.name;
      if (line.deed == EmergencyDeed::stuck)
        screen.push_back(
            Line(bad_sign, Role::bad)
                .add(fmt::format(" {} wants people: stepback targets {}", name, name)));
    }
    screen.emplace_back(
        "A pipeline that was closed stays so until its environment's rollback succeeds, or you "
        "open it.");
    if (options_.stop_only) {
      screen.emplace_back("next: stepback emergency --dry-run, or stepback rollback ENV");
      return screen;
    }
    screen.emplace_back("within the day: stepback history --since 1d · stepback rca ID of each");
    screen.emplace_back("             timeline, cause, impact and what to change: its post-mortem");
    return screen;
  }

  Session& session_;
  Engine& engine_;
  const EmergencyOptions& options_;
  std::string by_;
  Duration begun_;
  Lines lines_;
  Environments restored_;
  std::size_t succeeded_ = 0;
  std::size_t failed_ = 0;
};

Exit show_plan(Session& session, const Engine& engine, const Lines& lines) {
  auto answer = answer_of(engine, lines);
  answer.screen = answer.rows.screen(!session.global().no_header);
  answer.screen.emplace_back("Nothing was changed. Run it: stepback emergency");
  session.print(answer);
  return Exit::done;
}

}  // namespace

Answered<> perform(const EmergencyOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environments = TRY(session.environments(options.environments));
  if (options.dry_run) {
    return show_plan(
        session, engine,
        TRY(told(engine.emergencies.plan(environments, options.all),
                 {.what = "the environments cannot be looked at", .attempt = "stepback status"})));
  }
  TRY(session.may_change("an emergency"));
  return Room(session, engine, options).run(environments);
}

}  // namespace stepback::cli
