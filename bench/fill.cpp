// SPDX-License-Identifier: Apache-2.0
// bench-fill DATABASE COUNT: puts so many good deployments of production into a store, the way the
// program writes them, and prints the last one's id.
#include <fmt/core.h>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/store.hpp"

namespace stepback::bench {
namespace {

constexpr int at_once = 2000;

Deployment deployment(int number, Instant now) {
  Deployment made{.id = {fmt::format("dep-{:012}", number)},
                  .environment = {"production"},
                  .version = {fmt::format("1.0.{}", number)}};
  made.digest = {fmt::format("{:064x}", number)};
  made.status = DeploymentStatus::succeeded;
  made.started_at = now;
  made.cutover_at = made.ended_at = made.good_at = now + seconds(30);
  made.started_by = "bench";
  return made;
}

int fill(const std::string& path, int count) {
  auto opened = SqliteStore::open({.path = path});
  if (!opened) {
    fmt::print(stderr, "bench-fill: {}\n", opened.error().message);
    return 1;
  }
  SqliteStore& store = **opened;
  const Instant begin = SystemClock().now() - minutes(count + 10);
  Deployment last;
  for (int from = 0; from < count; from += at_once) {
    Commit commit;
    for (int i = from; i < std::min(count, from + at_once); ++i)
      commit.deployments.push_back(deployment(i, begin + minutes(i)));
    last = commit.deployments.back();
    if (auto done = store.commit(commit); !done) {
      fmt::print(stderr, "bench-fill: {}\n", done.error().message);
      return 1;
    }
  }
  Head head{.environment = last.environment, .current = last.id};
  head.live = Release{last.id, last.version, last.digest};
  Commit commit;
  commit.heads = {head};
  if (!store.commit(commit)) return 1;
  fmt::print("{}\n", last.id.text);
  return 0;
}

}  // namespace
}  // namespace stepback::bench

int main(int count, char** arguments) {
  int wanted = 0;
  if (count == 3) {
    const std::string_view text = arguments[2];
    std::from_chars(text.data(), text.data() + text.size(), wanted);
  }
  if (wanted <= 0) {
    fmt::print(stderr, "usage: bench-fill DATABASE COUNT\n");
    return 2;
  }
  return stepback::bench::fill(arguments[1], wanted);
}
