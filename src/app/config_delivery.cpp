// SPDX-License-Identifier: Apache-2.0
#include "app/config_delivery.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

namespace stepback {
namespace {

namespace paths = std::filesystem;

// A limit that the policy sets for the whole step holds for its command as well.
void read_timeout(const Section& section, Duration& into, Duration limit,
                  std::string_view limit_name) {
  if (!section.has("timeout")) {
    into = std::min(into, limit);
    return;
  }
  section.read("timeout", into);
  if (into > limit) {
    section.wrong("timeout", fmt::format("{} is longer than policy.{}, {}", to_short(into),
                                         limit_name, to_short(limit)));
  }
}

void read_folders(const Section& section, ApplicationConfig& application) {
  std::string releases, current;
  section.read_path("releases", releases);
  section.read_path("current", current);
  application.root = paths::path(current).parent_path().string();
  if (paths::path(releases).filename() != "releases") {
    section.wrong("releases", "the folder of the versions is called releases");
  }
  if (paths::path(current).filename() != "current") {
    section.wrong("current", "the link to the live version is called current");
  } else if (paths::path(releases).parent_path() != application.root) {
    section.wrong("current", fmt::format("{} is not beside {}: the link and the versions lie in "
                                         "one folder",
                                         current, releases));
  }
}

void read_buckets(const Section& section, ApplicationConfig& application) {
  section.read("artifacts", application.artifacts);
  section.read("live", application.live);
  section.read("pointer", application.pointer);
  section.read("removeExtras", application.remove_extras);
  section.read("function", application.function);
  section.read("alias", application.alias);
  section.read("build", application.build_project);
  if (application.artifacts == application.live) {
    section.wrong("live", "what is live lies in a bucket of its own, apart from all versions");
  }
  if (!application.function.empty() && !application.build_project.empty()) {
    section.wrong("build", "a function's alias or a build follows the switch: one of the two");
  }
}

}  // namespace

ApplicationConfig read_application(const Section& section, const Policy& policy) {
  ApplicationConfig application;
  section.read_choice("kind", application.kind);
  if (application.kind == ApplicationKind::s3) {
    read_buckets(section, application);
  } else {
    read_folders(section, application);
  }
  section.read("afterSwitch", application.after_switch);
  read_timeout(section, application.timeout, policy.application_limit, "applicationLimit");
  return application;
}

std::optional<InfrastructureConfig> read_infrastructure(const Section& section,
                                                        const Policy& policy) {
  std::string kind;
  section.read("kind", kind);
  if (kind == "none") return std::nullopt;
  InfrastructureConfig infrastructure;
  section.read_choice("kind", infrastructure.kind);
  section.read("project", infrastructure.project);
  section.read("stacks", infrastructure.stacks);
  section.read("templates", infrastructure.templates);
  section.read("allowDestructive", infrastructure.allow_destructive);
  section.read_path("repository", infrastructure.repository);
  section.read("run", infrastructure.run);
  section.read("install", infrastructure.install);
  read_timeout(section, infrastructure.timeout, policy.infrastructure_limit, "infrastructureLimit");
  return infrastructure;
}

std::optional<PipelineConfig> read_pipeline(const Section& section, const Policy& policy) {
  std::string kind;
  section.read("kind", kind);
  if (kind == "none") return std::nullopt;
  PipelineConfig pipeline;
  section.read_choice("kind", pipeline.kind);
  if (pipeline.kind == PipelineKind::codepipeline) {
    std::string how = "abandon";
    section.read("stop", how);
    pipeline.abandon = how == "abandon";
    section.read("name", pipeline.name);
    section.read("freeze", pipeline.freeze);
  } else {
    section.read("stop", pipeline.stop);
  }
  read_timeout(section, pipeline.timeout, policy.stop_limit, "stopLimit");
  return pipeline;
}

}  // namespace stepback
