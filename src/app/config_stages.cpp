// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "app/config_reading.hpp"

namespace stepback {
namespace {

constexpr Duration approval_limit = hours(24);
constexpr Duration check_limit = minutes(2);  // of a deployment

Duration usual_limit(StageKind kind) {
  if (kind == StageKind::approval) return approval_limit;
  return kind == StageKind::deploy ? check_limit : StagePlan{}.limit;
}

bool has_reports(StageKind kind) {
  return kind == StageKind::tests || kind == StageKind::coverage || kind == StageKind::scan ||
         kind == StageKind::cfn;
}

// What a stage of this kind cannot do without, and what would mean nothing in it.
void check(const Section& section, StageKind kind) {
  const auto needs = [&](std::string_view key) {
    if (!section.has(key))
      section.wrong(fmt::format("a stage of kind {} needs `{}`", name_of(kind), key));
  };
  const auto has_no = [&](std::string_view key) {
    if (section.has(key))
      section.wrong(key, fmt::format("a stage of kind {} has no `{}`", name_of(kind), key));
  };
  const bool deploys = kind == StageKind::deploy;
  if (kind == StageKind::command) needs("run");
  if (has_reports(kind)) needs("reports");
  if (!has_reports(kind)) has_no("reports");
  if (deploys) needs("environment");
  if (deploys) needs("from");
  if (!deploys) has_no("from");
  if (deploys || kind == StageKind::approval) has_no("run");
  if (kind != StageKind::approval) has_no("secondPerson");
}

StagePlan read_stage(const Section& section) {
  StagePlan plan;
  section.read("name", plan.name);
  section.read_choice("kind", plan.kind);
  check(section, plan.kind);
  if (section.has("environment")) {
    plan.environment.emplace();
    section.read("environment", plan.environment->name);
  }
  section.read("run", plan.command);
  section.read("reports", plan.reports);
  for (auto& path : plan.reports) path = section.absolute(path);
  section.read_path("from", plan.from);
  plan.limit = usual_limit(plan.kind);
  section.read("timeout", plan.limit);
  section.read("secondPerson", plan.second_person);
  return plan;
}

}  // namespace

std::vector<StagePlan> read_stages(const Section& root) {
  std::vector<StagePlan> plans;
  for (const auto& section : root.children("stages")) plans.push_back(read_stage(section));
  return plans;
}

}  // namespace stepback
