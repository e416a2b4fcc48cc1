// SPDX-License-Identifier: Apache-2.0
// bench-decide FILE: the event in FILE read and judged again and again for some seconds, on one
// core. Prints one JSON object: how many a second of processor time, the median of the rounds.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "domain/trigger.hpp"
#include "engine/settings.hpp"
#include "signals/read.hpp"

namespace stepback::bench {
namespace {

constexpr int rounds = 7;
constexpr int together = 1000;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "bench-decide: {}\n", why);
  std::exit(1);
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::string compact(const char* path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto document = json::parse(text);
  if (!document) give_up(document.error().message);
  return json::write(*document);
}

// v2 was put there a minute before the event, over v1, and its alarm is red.
SignalContext context_at(Instant at) {
  Deployment current{.id = {"dep-2"}, .environment = {"production"}, .version = {"v2"}};
  current.digest = {std::string(64, '2')};
  current.status = DeploymentStatus::succeeded;
  current.started_at = at - minutes(2);
  current.cutover_at = current.ended_at = at - minutes(10);
  current.bake = hours(1);
  SignalContext context{.head = {.environment = current.environment, .current = current.id}};
  context.head.live = Release{current.id, current.version, current.digest};
  context.current = current;
  context.roles = {.trigger = true, .validate = true};
  context.state_now = AlarmState::alarm;
  return context;
}

double decided_per_second(const std::string& event) {
  const auto first = read_one_signal(event);
  if (!first) give_up(first.error().message);
  const auto context = context_at(first->at);
  const auto rules = default_alarm_rules("kiro");
  const Environments environments{{{"test"}, {"staging"}, {"production"}}};
  const Policy policy;
  const double begin = cpu_seconds();
  int decided = 0;
  while (cpu_seconds() - begin < 0.5) {
    for (int i = 0; i < together; ++i) {
      const auto signal = read_one_signal(event);
      if (!signal || !match_signal(*signal, environments, rules)) give_up("it was not understood");
      const auto judgement = judge(*signal, context, signal->at + seconds(1), policy);
      if (!judgement.opening) give_up("it was judged otherwise: " + judgement.why);
    }
    decided += together;
  }
  return decided / (cpu_seconds() - begin);
}

}  // namespace
}  // namespace stepback::bench

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: bench-decide FILE\n");
    return 2;
  }
  const auto event = stepback::bench::compact(arguments[1]);
  std::vector<double> all;
  for (int i = 0; i < stepback::bench::rounds; ++i)
    all.push_back(stepback::bench::decided_per_second(event));
  std::ranges::sort(all);
  fmt::print("{{\"decided_per_s\":{:.0f}}}\n", all[all.size() / 2]);
}
