// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "documents/documents.hpp"
#include "domain/backtest.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/documents_judged.hpp"

namespace stepback::cli {
namespace {

constexpr std::size_t most_read = 10'000;

Answered<BacktestRecords> records_since(Engine& engine, Instant since,
                                        const Environments& environments) {
  const Deed deed{.what = "the records cannot be read", .attempt = "stepback doctor"};
  BacktestRecords records;
  // What ran when the first signal came had been deployed before it.
  records.deployments = TRY(told(engine.query.ledger().deployments({.limit = most_read}), deed));
  records.rollbacks = TRY(told(engine.query.ledger().rollbacks({.limit = most_read}), deed));
  const auto events =
      TRY(told(engine.query.ledger().recent_triggers(std::nullopt, most_read), deed));
  for (const auto& event : events) {
    const bool here = !event.environment || contains(environments, *event.environment);
    if (here && event.received_at >= since) records.events.push_back(event);
  }
  std::erase_if(records.deployments,
                [&](const Deployment& each) { return !contains(environments, each.environment); });
  return records;
}

Table lines_table(const Backtest& result) {
  Table table({{"TIME"}, {"ENVIRONMENT"}, {"SIGNAL"}, {"THEN"}, {"NOW"}, {"HINDSIGHT"}, {"WHY"}});
  for (const auto& line : result.lines) {
    table.add({date_and_minute(line.recorded.received_at),
               line.recorded.environment ? line.recorded.environment->name : "",
               line.recorded.signal.name, name_of(line.recorded.disposition), name_of(line.now),
               line.hindsight ? name_of(*line.hindsight) : "", line.why});
  }
  return table;
}

Screen summary(const Backtest& result) {
  Screen screen;
  screen.emplace_back(fmt::format("{}, {} judged otherwise than they were",
                                  count_of(result.lines.size(), "signal"), result.changed()));
  screen.emplace_back(fmt::format("rollbacks it would open: {} right, {} wrong, {} late, {} untold",
                                  result.count(Hindsight::right), result.count(Hindsight::wrong),
                                  result.count(Hindsight::late), result.count(Hindsight::untold)));
  for (const auto& each : result.never) {
    screen.push_back(
        Line(bad_sign, Role::bad)
            .add(fmt::format(" {} {} in {} ended badly, and no signal would have "
                             "taken it back",
                             each.id.text, short_version(each.version), each.environment.name)));
  }
  return screen;
}

}  // namespace

Answered<> perform(const BacktestOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environments = TRY(session.environments(options.environments));
  const auto now = engine.clock.now();
  const auto since =
      TRY(told(parse_moment(options.since, now), {.what = "the time is not understood"}));
  BacktestRules rules{engine.settings.environments, engine.settings.alarms, engine.settings.policy};
  if (!options.file.empty()) {
    auto other = session.application().rules_in(options.file);
    if (!other) {
      auto complaint = complaint_of(
          other.error(), {.what = options.file + " holds no rules to test",
                          .attempt = "stepback config check -c " + shell_word(options.file)});
      complaint.exit = Exit::configuration;
      return complain(std::move(complaint));
    }
    rules = *std::move(other);
  }
  const auto result = backtest(TRY(records_since(engine, since, environments)), rules);
  Answer answer{.rows = lines_table(result), .document = backtest_document(result)};
  answer.screen = answer.rows.screen(!session.global().no_header);
  append(answer.screen, summary(result));
  for (const auto& line : result.lines) {
    answer.list.push_back(backtest_line_document(line));
    if (line.about) answer.ids.push_back(line.about->text);
  }
  session.print(answer);
  return result.count(Hindsight::wrong) > 0 || !result.never.empty() ? Exit::bad : Exit::done;
}

}  // namespace stepback::cli
