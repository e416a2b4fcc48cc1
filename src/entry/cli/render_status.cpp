// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_status.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback::cli {
namespace {

std::string live_version(const EnvironmentView& view) {
  if (view.head.live) return short_version(view.head.live->version);
  return view.current ? short_version(view.current->version) : std::string(skipped_sign);
}

std::string since(const EnvironmentView& view, Instant now) {
  if (!view.current) return std::string(skipped_sign);
  return ago(view.current->cutover_at.value_or(view.current->started_at), now);
}

Cell alarms_cell(const EnvironmentView& view) {
  if (!view.alarms) return {"not read", Role::warning};
  const auto red = std::ranges::count(*view.alarms, AlarmState::alarm, &AlarmSeen::state);
  return {fmt::format("{} of {}", red, view.alarms->size()), red > 0 ? Role::bad : Role::plain};
}

Cell ready_cell(const EnvironmentView& view) {
  if (!view.head.live) return {std::string(skipped_sign), Role::muted};
  if (!view.choice.target) return {fmt::format("{} nothing to go back to", bad_sign), Role::bad};
  return {fmt::format("{} to {}, {}", good_sign, short_version(view.choice.target->release.version),
                      about(view.predicted)),
          Role::good};
}

void add_fact(Screen& screen, std::string_view name, std::string_view text,
              Role role = Role::plain) {
  if (text.empty()) return;
  Line line;
  line.add("  ").add(name, Role::muted).pad_to(16).add(text, role);
  screen.push_back(std::move(line));
}

Screen troubles(const EnvironmentView& view) {
  Screen screen;
  const auto& name = view.head.environment.name;
  for (const auto* alarm : red_alarms(view)) {
    Line line;
    line.add(bad_sign, Role::bad)
        .add(fmt::format(" {}: {} in ALARM since {} UTC", name, alarm->name,
                         minute_of_day(alarm->since)));
    screen.push_back(std::move(line));
  }
  if (view.head.waiting) {
    screen.push_back(
        Line(warning_sign, Role::warning)
            .add(fmt::format(" {} waits for people since {} UTC: {}, {}", name,
                             minute_of_day(view.head.waiting->since),
                             view.head.waiting->rollback.text, view.head.waiting->incident)));
  }
  if (view.head.brake) {
    screen.push_back(Line(warning_sign, Role::warning)
                         .add(fmt::format(" {}: the brake is on, automation keeps away: {}", name,
                                          view.head.brake->reason)));
  }
  return screen;
}

std::string infrastructure_text(const TargetLine& line) {
  const auto& version = line.deployment.infrastructure_version;
  return version.empty() ? std::string(skipped_sign) : version;
}

}  // namespace

State state_of(const EnvironmentView& view, Instant now) {
  const auto condition = condition_of(view, now);
  std::string word(words_of(condition));
  switch (condition) {
    case Condition::rolling_back:
    case Condition::deploying: return {running_sign, std::move(word), Role::running};
    case Condition::waiting_for_people: return {warning_sign, std::move(word), Role::warning};
    case Condition::nothing_deployed: return {pending_sign, std::move(word), Role::muted};
    case Condition::alarm:
    case Condition::failed: return {bad_sign, std::move(word), Role::bad};
    case Condition::not_known: return {waiting_sign, std::move(word), Role::warning};
    case Condition::baking: return {waiting_sign, std::move(word), Role::running};
    case Condition::healthy: return {good_sign, std::move(word), Role::good};
  }
  std::unreachable();
}

Table status_table(std::span<const EnvironmentView> views, Instant now) {
  Table table(
      {{"ENVIRONMENT"}, {"RELEASE"}, {"SINCE"}, {"STATE"}, {"ALARMS"}, {"READY TO ROLL BACK"}});
  for (const auto& view : views) {
    const auto state = state_of(view, now);
    table.add({view.head.environment.name, live_version(view), since(view, now),
               Cell(fmt::format("{} {}", state.sign, state.word), state.role), alarms_cell(view),
               ready_cell(view)});
  }
  return table;
}

Screen status_screen(std::string_view service, std::span<const EnvironmentView> views, Instant now,
                     bool with_header) {
  constexpr int clock_column = 55;
  Screen screen;
  if (with_header) {
    Line title(fmt::format("service {}", service), Role::strong);
    title.pad_to(clock_column).add(date_and_minute(now), Role::muted);
    screen.push_back(std::move(title));
    screen.emplace_back();
  }
  append(screen, status_table(views, now).screen(with_header));
  Screen below;
  std::string next;
  for (const auto& view : views) {
    append(below, troubles(view));
    if (next.empty()) next = next_for(view);
  }
  if (!next.empty()) below.push_back(Line("next: ", Role::muted).add(next));
  if (!below.empty()) screen.emplace_back();
  append(screen, std::move(below));
  return screen;
}

Screen environment_details(const EnvironmentView& view, Instant now) {
  Screen screen;
  if (view.current) {
    const auto& current = *view.current;
    add_fact(screen, "deployment", current.id.text);
    add_fact(screen, "version", current.version.text);
    add_fact(screen, "digest", current.digest.hex);
    add_fact(screen, "status", name_of(current.status));
    add_fact(screen, "started",
             fmt::format("{} by {}", to_rfc3339_seconds(current.started_at), current.started_by));
    if (is_baking(current, now))
      add_fact(screen, "bakes until", to_rfc3339_seconds(bakes_until(current)));
    add_fact(screen, "failure", current.failure, Role::bad);
  }
  if (view.rollback) {
    add_fact(screen, "rollback",
             fmt::format("{} ({})", view.rollback->id.text, view.rollback->reason));
  }
  for (const auto& hold : view.head.holds) {
    add_fact(screen, "held",
             fmt::format("{} since {}: {}", hold.version.text, to_rfc3339_seconds(hold.since),
                         hold.reason),
             Role::held);
  }
  return screen;
}

Table targets_table(std::span<const TargetLine> lines, Instant now) {
  Table table({{""},
               {"RELEASE"},
               {"AGE", Table::Align::right},
               {"VERIFIED"},
               {"INFRASTRUCTURE"},
               {"VERDICT"}});
  for (const auto& line : lines) {
    const bool chosen = line.standing == Standing::chosen;
    const bool refused = line.standing == Standing::refused;
    auto age = ago(line.deployment.started_at, now);
    if (age.ends_with(" ago")) age.resize(age.size() - 4);
    const bool good = line.deployment.good_at.has_value();
    const auto verdict = chosen ? "chosen: " : refused ? "refused: " : "possible: ";
    table.add({Cell(chosen ? arrow_sign : " ", Role::good),
               Cell(short_version(line.deployment.version), chosen ? Role::strong : Role::plain),
               age, Cell(good ? good_sign : bad_sign, good ? Role::good : Role::bad),
               infrastructure_text(line),
               Cell(verdict + line.why, refused ? Role::muted : Role::plain)});
  }
  return table;
}

std::string roles_text(const AlarmRoles& roles) {
  std::string text;
  const auto add = [&](bool has, std::string_view word) {
    if (has) text += (text.empty() ? "" : ", ") + std::string(word);
  };
  add(roles.trigger, roles.while_deploying ? "triggers while deploying" : "triggers");
  add(roles.validate, "validates");
  add(roles.brake, "brakes");
  add(roles.notify, "notifies");
  return text.empty() ? "nothing" : text;
}

Table alarms_table(std::span<const AlarmSeen> alarms, Instant now) {
  Table table({{"ALARM"}, {"STATE"}, {"SINCE"}, {"ROLE"}, {"REASON"}});
  for (const auto& alarm : alarms) {
    const bool red = alarm.state == AlarmState::alarm;
    const bool ok = alarm.state == AlarmState::ok;
    const auto sign = red ? bad_sign : ok ? good_sign : waiting_sign;
    const auto role = red ? Role::bad : ok ? Role::good : Role::warning;
    table.add({alarm.name, Cell(fmt::format("{} {}", sign, name_of(alarm.state)), role),
               alarm.since == Instant{} ? std::string(skipped_sign) : ago(alarm.since, now),
               roles_text(alarm.roles), alarm.reason});
  }
  return table;
}

Screen checks_screen(std::span<const Check> checks) {
  Table table({{""}, {"CHECK"}, {"VERDICT"}, {"EVIDENCE"}});
  for (const auto& check : checks) {
    auto evidence = check.evidence;
    if (check.not_before)
      evidence += fmt::format(" (not before {} UTC)", second_of_day(*check.not_before));
    table.add({Cell(sign_of(check.verdict), role_of(check.verdict)), check.name,
               Cell(name_of(check.verdict), role_of(check.verdict)), evidence});
  }
  return table.screen(false);
}

Screen verify_screen(const Environment& environment, const VerifyView& view) {
  Screen screen = checks_screen(view.checks);
  const auto version = view.record ? short_version(view.record->version) : "nothing";
  Line line(sign_of(view.verdict), role_of(view.verdict));
  switch (view.verdict) {
    case Verdict::passed:
      line.add(fmt::format(" {} runs {}, and every check passed", environment.name, version));
      break;
    case Verdict::failed: line.add(fmt::format(" {} is NOT healthy", environment.name)); break;
    case Verdict::inconclusive:
      line.add(fmt::format(" {} cannot be told: some things were not seen", environment.name));
      break;
  }
  screen.push_back(std::move(line));
  return screen;
}

Screen symptoms_screen(const Environment& environment, std::span<const Symptom> symptoms,
                       bool whole) {
  Screen screen;
  std::size_t well = 0;
  for (const auto& [about, check, remedy] : symptoms) {
    if (check.verdict == Verdict::passed) ++well;
    if (check.verdict == Verdict::passed && !whole) continue;
    screen.push_back(
        Line(sign_of(check.verdict), role_of(check.verdict))
            .add(fmt::format(" {} ({}): {}", check.name, name_of(about), check.evidence)));
    if (!remedy.empty()) screen.push_back("    try: " + remedy);
  }
  const bool all_well = well == symptoms.size();
  screen.push_back(Line(all_well ? good_sign : bad_sign, all_well ? Role::good : Role::bad)
                       .add(fmt::format(" {}: {} of {} are well", environment.name, well,
                                        count_of(symptoms.size(), "check"))));
  return screen;
}

Screen readiness_screen(const Environment& environment, const Readiness& readiness, bool whole) {
  Line line(sign_of(readiness.verdict), role_of(readiness.verdict));
  switch (readiness.verdict) {
    case Verdict::passed:
      line.add(fmt::format(" {} can go back to {}, {}", environment.name,
                           short_version(readiness.target->release.version),
                           about(readiness.usual)));
      break;
    case Verdict::failed:
      line.add(fmt::format(" {} could NOT be rolled back now", environment.name));
      break;
    case Verdict::inconclusive:
      line.add(fmt::format(" {} cannot be told: some things were not seen", environment.name));
      break;
  }
  if (readiness.verdict == Verdict::passed && !readiness.unproven.empty())
    line.add("; nobody has seen it work lately", Role::warning);
  Screen screen{std::move(line)};
  std::vector<Check> shown;
  std::ranges::copy_if(readiness.checks, std::back_inserter(shown), [&](const Check& check) {
    return whole || check.verdict != Verdict::passed;
  });
  append(screen, checks_screen(shown));
  return screen;
}

Table holds_table(std::span<const Head> heads, Instant now) {
  Table table({{"ENVIRONMENT"}, {"RELEASE"}, {"SINCE"}, {"UNTIL"}, {"BY"}, {"WHY"}});
  for (const auto& head : heads) {
    for (const auto& hold : head.holds) {
      table.add({head.environment.name,
                 Cell(fmt::format("{} {}", held_sign, short_version(hold.version)), Role::held),
                 ago(hold.since, now), name_of(hold.until), hold.by, hold.reason});
    }
    if (head.waiting) {
      table.add({head.environment.name, Cell("everything", Role::warning),
                 ago(head.waiting->since, now), "handed back", "automation",
                 "waits for people: " + head.waiting->incident});
    }
    if (head.brake) {
      table.add({head.environment.name, Cell("automation", Role::warning),
                 ago(head.brake->since, now), "handed back", "automation",
                 "the brake is on: " + head.brake->reason});
    }
  }
  return table;
}

}  // namespace stepback::cli
