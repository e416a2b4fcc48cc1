// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_checks.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

namespace stepback::cli {
namespace {

Line box(bool ticked, std::string_view text, std::string_view why) {
  Line line;
  line.add(ticked ? "[x] " : "[ ] ", ticked ? Role::good : Role::warning).add(text);
  if (!why.empty()) line.add("  ").add(why, Role::muted);
  return line;
}

}  // namespace

Screen checklist_screen(std::span<const Ticked> boxes) {
  Screen screen;
  for (const auto& each : boxes)
    screen.push_back(box(each.ticked, title_of(each.box), each.evidence));
  return screen;
}

Screen points_screen(const Observation& seen) {
  Screen screen;
  for (const auto& alarm : seen.alarms) {
    std::string points;
    for (const auto& point : alarm.points)
      points += fmt::format(" {}{}", second_of_day(point.from), point.breaching ? "!" : "");
    screen.push_back(Line("  " + alarm.name, Role::muted)
                         .add(fmt::format("  {} of {} periods of {} must breach;{}", alarm.to_alarm,
                                          alarm.evaluated, to_short(alarm.period),
                                          points.empty() ? " no points known" : points)));
    if (!alarm.reason.empty()) screen.push_back(Line("    " + alarm.reason, Role::muted));
  }
  for (const auto& probe : seen.health)
    screen.push_back(Line("  " + probe.name, Role::muted).add("  " + probe.detail));
  for (const auto& log : seen.logs) {
    screen.push_back(Line("  " + log.name, Role::muted).add("  " + log.detail));
    for (const auto& sample : log.samples) screen.push_back(Line("    " + sample, Role::muted));
  }
  return screen;
}

Screen examined_screen(std::span<const Examined> all, bool whole) {
  Screen screen;
  std::array<std::size_t, names_of<Seen>.size()> counts{};
  for (const auto& each : all) {
    ++counts[static_cast<std::size_t>(std::to_underlying(each.seen))];
    if (each.seen != Seen::finding && !whole) continue;
    const bool finding = each.seen == Seen::finding;
    const bool unknown = each.seen == Seen::not_looked_at;
    Line line(finding   ? bad_sign
              : unknown ? skipped_sign
                        : good_sign,
              finding   ? Role::bad
              : unknown ? Role::muted
                        : Role::good);
    line.add(fmt::format(" {:>2} {}: ", std::to_underlying(each.item) + 1, name_of(each.item)));
    if (unknown) line.add("not looked at: ", Role::muted);
    screen.push_back(std::move(line.add(each.evidence)));
    if (!each.remedy.empty()) screen.push_back("    try: " + each.remedy);
  }
  if (all.size() > 1)
    screen.push_back(fmt::format("  of the list of fifteen: {} pass, {} findings, {} not looked at",
                                 counts[0], counts[1], counts[2]));
  return screen;
}

Screen lint_screen(std::span<const Lint> found) {
  Screen screen;
  for (const auto& each : found)
    screen.push_back(Line(warning_sign, Role::warning)
                         .add(fmt::format(" configuration, {}: {}", each.name, each.evidence)));
  if (!found.empty()) screen.push_back("    try: stepback config show");
  return screen;
}

}  // namespace stepback::cli
