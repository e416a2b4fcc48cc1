// SPDX-License-Identifier: Apache-2.0
#include "app/config_checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/ensure.hpp"

namespace stepback {
namespace {

std::vector<std::string> texts_of(const Environments& environments) {
  std::vector<std::string> names;
  for (const auto& environment : environments) names.push_back(environment.name);
  return names;
}

class Checker {
 public:
  Checker(const Config& config, Findings& findings) : config_(config), findings_(findings) {}

  void check() {
    check_names();
    check_folders();
    check_buckets();
    check_versions();
    for (std::size_t i = 0; i < config_.environments.size(); ++i) {
      check_evidence(i);
      check_alarms(i);
    }
    check_alarm_names();
    check_policy();
    check_notify();
    check_stages();
  }

 private:
  void check_stages() {
    const auto environments = config_.names();
    for (std::size_t i = 0; i < config_.stages.size(); ++i) {
      const StagePlan& stage = config_.stages[i];
      const auto path = fmt::format("/stages/{}", i);
      const auto first = std::ranges::find(config_.stages, stage.name, &StagePlan::name);
      if (&*first != &stage)
        wrong(path + "/name", fmt::format("there is a stage \"{}\" already", stage.name));
      if (stage.environment && !contains(environments, *stage.environment)) {
        wrong(path + "/environment",
              fmt::format("no environment is called \"{}\"", stage.environment->name));
      }
    }
  }
  const EnvironmentConfig& at(std::size_t index) const { return config_.environments[index]; }
  const std::string& name(std::size_t index) const { return at(index).environment.name; }

  void wrong(std::string_view path, std::string what) {
    findings_.add(config_.document.mark(path), std::move(what));
  }
  void wrong_in(std::size_t environment, std::string_view section, std::string what) {
    wrong(section_path(config_.document, environment, section), std::move(what));
  }

  // Each pair once, the later one second.
  void for_pairs(const std::function<void(std::size_t, std::size_t)>& look) const {
    for (std::size_t second = 1; second < config_.environments.size(); ++second) {
      for (std::size_t first = 0; first < second; ++first) look(first, second);
    }
  }

  void check_names() {
    for_pairs([&](std::size_t first, std::size_t second) {
      const std::string path = fmt::format("/environments/{}/name", second);
      if (name(first) == name(second)) {
        wrong(path, fmt::format("the environment {} is there twice", name(second)));
      } else if (name(second).starts_with(name(first) + "-") ||
                 name(first).starts_with(name(second) + "-")) {
        wrong(path, fmt::format("{} and {} cannot stand side by side: a name of the one could be "
                                "read as one of the other",
                                name(first), name(second)));
      }
    });
  }

  void check_folders() {
    for_pairs([&](std::size_t first, std::size_t second) {
      const auto& one = at(first).application.root;
      const auto& other = at(second).application.root;
      if (one.empty() || other.empty() || name(first) == name(second)) return;
      if (one == other) {
        wrong_in(second, "application",
                 fmt::format("{} and {} would share {}: put {{environment}} into releases and "
                             "current",
                             name(first), name(second), one));
      } else if (one.starts_with(other + "/") || other.starts_with(one + "/")) {
        wrong_in(
            second, "application",
            fmt::format("the folders of {} and {} lie in each other", name(first), name(second)));
      }
    });
  }

  void check_buckets() {
    for_pairs([&](std::size_t first, std::size_t second) {
      const auto& one = at(first).application;
      const auto& other = at(second).application;
      if (one.live.empty() || one.live != other.live || name(first) == name(second)) return;
      wrong_in(second, "application",
               fmt::format("{} and {} would share the bucket {}: put {{environment}} into live",
                           name(first), name(second), one.live));
    });
  }

  void check_versions() {
    for_pairs([&](std::size_t first, std::size_t second) {
      const auto& one = at(first).version;
      const auto& other = at(second).version;
      if (!one || !other || name(first) == name(second)) return;
      if ((!one->url.empty() && one->url == other->url) ||
          (!one->command.empty() && one->command == other->command)) {
        wrong_in(second, "version",
                 fmt::format("{} and {} are asked for their version in the same way: put "
                             "{{environment}} into it",
                             name(first), name(second)));
      }
    });
  }

  // Without any of these every validation would be a guess.
  void check_evidence(std::size_t index) {
    const auto& environment = at(index);
    if (!environment.health.empty() || environment.version || !environment.alarms.empty()) return;
    if (environment.cloudwatch && environment.cloudwatch->alarms) return;
    wrong(fmt::format("/environments/{}", index),
          fmt::format("nothing tells whether {} is well: give it health, version or alarms",
                      name(index)));
  }

  void check_alarms(std::size_t index) {
    const auto environments = config_.names();
    const std::string section = section_path(config_.document, index, "alarms");
    for (std::size_t i = 0; i < at(index).alarms.size(); ++i) {
      const auto& alarm = at(index).alarms[i];
      const std::string path = fmt::format("{}/{}/name", section, i);
      const auto match = match_alarm(alarm.name, environments, config_.alarm_rules);
      if (!match) {
        wrong(path, fmt::format("no rule says what the alarm {} is for: its name begins like {}",
                                alarm.name, config_.alarm_rules.front().pattern));
      } else if (match->environment.name != name(index)) {
        wrong(path, fmt::format("by its name the alarm {} belongs to {}, not to {}", alarm.name,
                                match->environment.name, name(index)));
      }
      const Duration watched = alarm.period * alarm.evaluation_periods;
      if (watched >= config_.policy.budget) {
        wrong(path, fmt::format("the alarm {} looks back {} and cannot be OK again within the "
                                "budget, {}",
                                alarm.name, to_short(watched), to_short(config_.policy.budget)));
      }
    }
  }

  void check_alarm_names() {
    std::map<std::string, std::size_t> owners;
    for (std::size_t i = 0; i < config_.environments.size(); ++i) {
      for (const auto& alarm : at(i).alarms) {
        const auto [owner, is_new] = owners.emplace(alarm.name, i);
        if (is_new || owner->second == i || name(owner->second) == name(i)) continue;
        wrong_in(i, "alarms",
                 fmt::format("{} and {} share the alarm {}: put {{environment}} into its name",
                             name(owner->second), name(i), alarm.name));
      }
    }
  }

  void check_policy() {
    const Policy& policy = config_.policy;
    const Duration waits = std::max(policy.settle, policy.quiet) + policy.hand_over_reserve;
    if (policy.budget <= waits) {
      wrong("/policy/budget",
            fmt::format("a budget of {} is used up by waiting: settle {} or quiet {}, and "
                        "handOverReserve {}",
                        to_short(policy.budget), to_short(policy.settle), to_short(policy.quiet),
                        to_short(policy.hand_over_reserve)));
    }
    if (policy.look_every > policy.budget) {
      wrong("/policy/lookEvery", "longer than the budget: nothing would ever be seen");
    }
    if (policy.max_event_age > policy.bake) {
      wrong("/policy/maxEventAge",
            fmt::format("{} is longer than a deployment bakes, {}: an event could be about the "
                        "one before",
                        to_short(policy.max_event_age), to_short(policy.bake)));
    }
  }

  void check_notify() {
    const auto known = texts_of(config_.names());
    for (std::size_t i = 0; i < config_.notify.size(); ++i) {
      const auto& notify = config_.notify[i];
      if (notify.format == NoticeFormat::pagerduty && !notify.token)
        wrong(fmt::format("/notify/{}/format", i), "pagerduty wants its routing key: add token");
      if (notify.format == NoticeFormat::github && !notify.token)
        wrong(fmt::format("/notify/{}/format", i), "github wants to know who asks: add token");
      const auto& environments = notify.environments;
      for (std::size_t j = 0; j < environments.size(); ++j) {
        if (std::ranges::find(known, environments[j].name) != known.end()) continue;
        wrong(fmt::format("/notify/{}/environments/{}", i, j),
              fmt::format("there is no environment {}{}", in_quotes(environments[j].name),
                          allowed_instead(environments[j].name, known)));
      }
    }
  }

  const Config& config_;
  Findings& findings_;
};

}  // namespace

std::string section_path(const YamlDocument& document, std::size_t environment,
                         std::string_view section) {
  const std::string own = fmt::format("/environments/{}/{}", environment, section);
  const std::string shared = fmt::format("/defaults/{}", section);
  return !document.marks.contains(own) && document.marks.contains(shared) ? shared : own;
}

void check_config(const Config& config, Findings& findings) {
  ENSURE(!config.alarm_rules.empty());  // the schema sees to it
  Checker(config, findings).check();
}

}  // namespace stepback
