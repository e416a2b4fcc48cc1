// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/render_inspection.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback::cli {
namespace {

constexpr std::size_t digest_shown = 12;
constexpr Duration soon = days(30);  // before a rule takes something away that is worth saying

Line check_line(const Check& check) {
  Line line(sign_of(check.verdict), role_of(check.verdict));
  return line.add(" " + check.name + ": ").add(check.evidence, Role::muted);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kilo = 1024;
  if (bytes < kilo) return fmt::format("{} B", bytes);
  if (bytes < kilo * kilo) return fmt::format("{} kB", bytes / kilo);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / (kilo * kilo));
}

Role role_for(const ArtifactView& view) {
  return view.state == ArtifactState::present ? Role::good : Role::bad;
}

std::string mark_of(const ArtifactView& view) {
  if (view.is_live) return "live";
  return view.is_target ? std::string(arrow_sign) : "";
}

}  // namespace

Screen drift_screen(const Environment& environment, std::span<const Drift> found, bool whole) {
  Screen screen;
  std::size_t sound = 0;
  for (const auto& each : found) {
    if (each.check.verdict == Verdict::passed) ++sound;
    if (each.check.verdict == Verdict::passed && !whole) continue;
    screen.push_back(check_line(each.check));
    if (!each.remedy.empty()) screen.push_back(Line("    try: ", Role::muted).add(each.remedy));
  }
  const bool all = sound == found.size();
  Line last(all ? good_sign : warning_sign, all ? Role::good : Role::warning);
  last.add(
      fmt::format(" {}: {} of {} things are as recorded", environment.name, sound, found.size()));
  screen.push_back(std::move(last));
  return screen;
}

std::string artifact_word(const ArtifactView& view, Instant now) {
  if (view.state != ArtifactState::missing) return std::string(name_of(view.state));
  if (!view.missing) return "missing";
  const auto since = view.missing->since ? " " + ago(*view.missing->since, now) : "";
  switch (view.missing->how) {
    case Absence::never_there: return view.deployment ? "gone" : "never there";
    case Absence::deleted: return "deleted" + since;
    case Absence::expired: return "expired" + since;
  }
  std::unreachable();
}

std::string door_closes(const ArtifactView& view, Instant now) {
  if (!view.shelved || !view.shelved->expires_at) return {};
  const auto left = *view.shelved->expires_at - now;
  if (left > soon) return {};
  if (left <= Duration(0)) return "a lifecycle rule takes it away today";
  return fmt::format("door closes in {}: a lifecycle rule takes it away then", to_short(left));
}

Table artifacts_table(std::span<const ArtifactView> views, Instant now) {
  Table table({{""},
               {"RELEASE"},
               {"STATE"},
               {"FILES", Table::Align::right},
               {"SIZE", Table::Align::right},
               {"WRITTEN"},
               {"DIGEST"},
               {"NOTE"}});
  for (const auto& view : views) {
    const auto& shelved = view.shelved;
    const auto digest = shelved ? shelved->digest.hex : view.recorded.hex;
    auto note = door_closes(view, now);
    if (!view.deployment) note = note.empty() ? "on no record" : "on no record; " + note;
    table.add({Cell(mark_of(view), view.is_live ? Role::good : Role::strong),
               short_version(view.version), Cell(artifact_word(view, now), role_for(view)),
               shelved ? std::to_string(shelved->files) : "",
               shelved ? size_text(shelved->bytes) : "",
               shelved && shelved->written_at ? ago(*shelved->written_at, now) : "",
               digest.substr(0, digest_shown), note});
  }
  return table;
}

Screen artifact_screen(const Environment& environment, const ArtifactView& view, Instant now) {
  Screen screen;
  Line first(view.state == ArtifactState::present ? good_sign : bad_sign, role_for(view));
  first.add(fmt::format(" {} in {}: {}", short_version(view.version), environment.name,
                        artifact_word(view, now)));
  screen.push_back(std::move(first));
  const auto say = [&](std::string_view label, const std::string& content, Role role) {
    if (content.empty()) return;
    screen.push_back(Line("  ").add(fmt::format("{:<10}", label), Role::muted).add(content, role));
  };
  say("detail", view.missing ? view.missing->detail : view.detail, Role::plain);
  if (view.shelved) {
    say("lies in", view.shelved->location, Role::plain);
    say("holds", fmt::format("{} files, {}", view.shelved->files, size_text(view.shelved->bytes)),
        Role::plain);
    say("digest", view.shelved->digest.hex, Role::plain);
  }
  if (view.recorded.empty()) {
    say("recorded", "nobody recorded its digest", Role::warning);
  } else {
    const bool as_recorded = view.state == ArtifactState::present;
    say("recorded", view.recorded.hex, as_recorded ? Role::plain : Role::bad);
    if (view.verified) say("verified", "every byte is as it was recorded", Role::good);
  }
  if (view.deployment) say("deployed", view.deployment->id.text, Role::plain);
  say("warning", door_closes(view, now), Role::warning);
  const auto& name = environment.name;
  if (view.missing && view.missing->restorable) {
    say("try", fmt::format("stepback artifacts restore {} --version {}", name, view.version.text),
        Role::plain);
  } else if (view.state == ArtifactState::missing) {
    say("try",
        fmt::format("stepback artifacts put {} --version {} --from DIR --reason TEXT", name,
                    view.version.text),
        Role::plain);
  }
  return screen;
}

Line log_line(const LogLine& line) {
  Line shown(to_rfc3339_seconds(line.at), Role::muted);
  shown.add(" " + line.source + " ", Role::muted);
  return shown.add(line.text, line.is_error ? Role::bad : Role::plain);
}

Screen pipeline_screen(const Environment& environment, const PipelineSeen& seen, Instant now) {
  Screen screen;
  Line title(environment.name, Role::strong);
  title.add("  " + (seen.name.empty() ? "no pipeline is configured" : seen.name));
  screen.push_back(std::move(title));
  Table table({{""}, {"STAGE"}, {"STATUS"}, {"CHANGED"}, {"DETAIL"}});
  for (const auto& stage : seen.stages) {
    const bool bad = stage.state == "Failed";
    const bool good = stage.state == "Succeeded";
    table.add({"  ", stage.name,
               Cell(stage.state, bad    ? Role::bad
                                 : good ? Role::good
                                        : Role::plain),
               stage.at ? ago(*stage.at, now) : "", stage.detail});
  }
  if (!table.empty()) append(screen, table.screen());
  screen.push_back(Line("  ").add(seen.text, seen.idle ? Role::muted : Role::running));
  return screen;
}

}  // namespace stepback::cli
