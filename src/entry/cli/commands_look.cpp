// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/documents_inspection.hpp"
#include "entry/cli/render_inspection.hpp"

namespace stepback::cli {
namespace {

constexpr Duration usual_look_back = hours(1);
constexpr Duration look_for_more = seconds(2);
constexpr Duration may_come_late = seconds(10);  // an entry is not always there at its own time

// Lines as they come, each once, however often the same time is asked for.
class LogTail {
 public:
  LogTail(Session& session, Engine& engine, Environment environment, const LogsOptions& options)
      : session_(session),
        engine_(engine),
        environment_(std::move(environment)),
        options_(options) {}

  Answered<std::vector<LogLine>> read(Instant since, Instant until) {
    const LogQuery query{.environment = environment_,
                         .since = since,
                         .until = until,
                         .errors_only = options_.level == LogWish::error,
                         .limit = options_.limit};
    auto& inspection = engine_.inspection;
    return told(
        options_.app ? inspection.ports().logs.read_lines(query) : inspection.own_lines(query),
        {.what = "the logs of " + environment_.name + " cannot be read",
         .attempt = "stepback logs " + environment_.name});
  }

  Answered<> follow(Instant since) {
    for (;;) {
      if (!engine_.server_is_alive()) engine_.evaluate_alarms();
      const auto now = engine_.clock.now();
      for (const auto& line : TRY(read(since, now))) {
        if (std::ranges::find(shown_, line) != shown_.end()) continue;
        shown_.push_back(line);
        print(line);
      }
      since = std::max(since, now - may_come_late);
      std::erase_if(shown_, [&](const LogLine& line) { return line.at < since; });
      if (session_.interruptions() > 0) return Exit::interrupted;
      if (!engine_.waiter.wait(look_for_more)) return Exit::interrupted;
    }
  }

 private:
  // One a line in every format: a stream has no end that a document could have.
  void print(const LogLine& line) {
    Answer answer{.screen = {log_line(line)}};
    answer.list.push_back(log_line_document(environment_, line));
    answer.document = answer.list.front();
    answer.rows.add({to_rfc3339(line.at), line.source, line.text});
    answer.ids.push_back(to_rfc3339(line.at));
    session_.print(answer);
  }

  Session& session_;
  Engine& engine_;
  Environment environment_;
  const LogsOptions& options_;
  std::vector<LogLine> shown_;
};

Answered<> stop_pipeline(Session& session, Engine& engine, const Environment& environment,
                         const PipelineOptions& options) {
  TRY(session.may_change("stopping the pipeline"));
  const auto& name = environment.name;
  const auto agreed =
      TRY(confirm(session,
                  {.danger = Danger::moderate,
                   .deed = "stopping what deploys into " + name,
                   .question = "Are you sure you want to stop what deploys into " + name + "?",
                   .name = name,
                   .declined = "Nothing was stopped",
                   .command = fmt::format("stepback pipeline {} --stop --yes --reason TEXT", name)},
                  options.consent));
  if (agreed == Agreement::declined) return Exit::done;
  const auto reason = options.consent.reason.empty() ? "by hand" : options.consent.reason;
  const auto done =
      TRY(told(engine.inspection.stop_pipeline(environment, session.terminal().user, reason),
               {.what = "what deploys into " + name + " was not stopped",
                .attempt = "stepback pipeline " + name}));
  session.talk({Line(good_sign, Role::good).add(" " + name + ": " + done)});
  return Exit::done;
}

}  // namespace

Answered<> perform(const LogsOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto now = engine.clock.now();
  const auto since =
      options.since.empty()
          ? now - usual_look_back
          : TRY(told(parse_moment(options.since, now), {.what = "the time is not understood"}));
  LogTail tail(session, engine, environment, options);
  if (options.follow) return tail.follow(since);
  Answer answer;
  // What is written at this very moment belongs to it.
  for (const auto& line : TRY(tail.read(since, now + Duration(1)))) {
    answer.screen.push_back(log_line(line));
    answer.rows.add({to_rfc3339(line.at), line.source, line.text});
    answer.list.push_back(log_line_document(environment, line));
    answer.ids.push_back(to_rfc3339(line.at));
  }
  if (answer.list.empty()) {
    answer.screen.push_back(fmt::format("nothing since {}{}", to_rfc3339_seconds(since),
                                        options.app ? "" : "; --app has the application's own"));
  }
  answer.document = list_document("logs", "lines", answer.list);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const PipelineOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  std::vector<std::string> named;
  if (!options.environment.empty()) named.push_back(options.environment);
  const auto environments = TRY(session.environments(named));
  if (options.stop) return stop_pipeline(session, engine, environments.front(), options);
  Answer answer;
  for (const auto& environment : environments) {
    const auto seen =
        TRY(told(engine.inspection.ports().pipelines.look_at_pipeline(environment),
                 {.what = "the pipeline of " + environment.name + " cannot be looked at"}));
    if (!answer.screen.empty()) answer.screen.emplace_back();
    append(answer.screen, pipeline_screen(environment, seen, engine.clock.now()));
    for (const auto& stage : seen.stages)
      answer.rows.add({environment.name, stage.name, stage.state, stage.detail});
    answer.list.push_back(pipeline_document(environment, seen));
    answer.ids.push_back(seen.name);
  }
  std::erase(answer.ids, "");
  answer.document = list_document("deliveries", "environments", answer.list);
  session.print(answer);
  return Exit::done;
}

}  // namespace stepback::cli
