// SPDX-License-Identifier: Apache-2.0
// simulate: runs seeds and reports. `simulate --seeds N [--first S] [--jobs J]`, `simulate --seed S
// --trace`, `simulate --mutants [--seeds N]`. With --remember every process remembers what it reads
// within a turn. Exits 1 when a seed shows a violation, or a mutant is not caught.
#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "simulation/simulation.hpp"

namespace stepback::simulation {
namespace {

struct Totals {
  std::mutex mutex;
  std::uint64_t runs = 0, steps = 0, crashes = 0, takeovers = 0, rollbacks = 0, succeeded = 0,
                escalated = 0, handed_over = 0, violations = 0, traces = 0;
  std::map<std::string, std::uint64_t> faults;
  std::uint64_t first_bad = 0;
  std::vector<std::string> examples;

  void add(const Report& report) {
    const std::lock_guard lock(mutex);
    ++runs;
    steps += static_cast<std::uint64_t>(report.steps);
    crashes += static_cast<std::uint64_t>(report.crashes);
    takeovers += static_cast<std::uint64_t>(report.takeovers);
    rollbacks += static_cast<std::uint64_t>(report.rollbacks);
    succeeded += static_cast<std::uint64_t>(report.succeeded);
    escalated += static_cast<std::uint64_t>(report.escalated);
    handed_over += static_cast<std::uint64_t>(report.handed_over);
    traces ^= report.trace_hash * (report.seed * 2 + 1);
    for (const auto& [point, count] : report.faults)
      faults[point] += static_cast<std::uint64_t>(count);
    if (report.violations.empty()) return;
    ++violations;
    if (first_bad == 0 || report.seed < first_bad) first_bad = report.seed;
    if (examples.size() < 10)
      examples.push_back(fmt::format("seed {}: {}", report.seed, report.violations.front()));
  }
};

void run_seeds(Totals& totals, std::uint64_t first, std::uint64_t count, unsigned jobs,
               Mutant mutant, bool until_caught, std::optional<bool> remembers) {
  std::atomic<std::uint64_t> next = 0;
  std::atomic<bool> caught = false;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < jobs; ++i) {
    threads.emplace_back([&] {
      for (auto n = next++; n < count && !(until_caught && caught); n = next++) {
        const auto report = run({.seed = first + n, .mutant = mutant, .remembers = remembers});
        if (!report.violations.empty()) caught = true;
        totals.add(report);
      }
    });
  }
}

int show_one(std::uint64_t seed, Mutant mutant, bool trace, std::optional<bool> remembers) {
  const auto report = run({.seed = seed, .mutant = mutant, .trace = trace, .remembers = remembers});
  fmt::print("seed {}: {} steps, {} crashes, {} rollbacks, trace {:016x}\n", seed, report.steps,
             report.crashes, report.rollbacks, report.trace_hash);
  for (const auto& violation : report.violations) fmt::print("  VIOLATION {}\n", violation);
  return report.violations.empty() ? 0 : 1;
}

int show_mutants(std::uint64_t first, std::uint64_t count, unsigned jobs,
                 std::optional<bool> remembers) {
  int missed = 0;
  fmt::print("{:<24} {:>8} {:>10}  {}\n", "MUTANT", "CAUGHT", "SEEDS", "BY");
  for (std::size_t i = 1; i < names_of<Mutant>.size(); ++i) {
    Totals totals;
    run_seeds(totals, first, count, jobs, static_cast<Mutant>(i), true, remembers);
    const bool caught = totals.violations > 0;
    if (!caught) ++missed;
    fmt::print("{:<24} {:>8} {:>10}  {}\n", names_of<Mutant>[i], caught ? "yes" : "NO", totals.runs,
               caught ? totals.examples.front() : "-");
  }
  return missed == 0 ? 0 : 1;
}

int show_many(std::uint64_t first, std::uint64_t count, unsigned jobs,
              std::optional<bool> remembers) {
  Totals totals;
  const auto begun = std::chrono::steady_clock::now();
  run_seeds(totals, first, count, jobs, Mutant::none, false, remembers);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print(
      "runs {}  steps {}  crashes {}  takeovers {}  rollbacks {} (succeeded {}, escalated {}, "
      "handed over {})\n",
      totals.runs, totals.steps, totals.crashes, totals.takeovers, totals.rollbacks,
      totals.succeeded, totals.escalated, totals.handed_over);
  fmt::print("took {:.1f} s: {:.0f} schedules an hour, {:.0f} rollbacks a second\n", took.count(),
             static_cast<double>(totals.runs) / took.count() * 3600,
             static_cast<double>(totals.rollbacks) / took.count());
  fmt::print("trace of all {:016x}\n", totals.traces);
  fmt::print("faults fired per point:\n");
  for (const auto& [point, times] : totals.faults) fmt::print("  {:<32} {}\n", point, times);
  for (const auto& example : totals.examples) fmt::print("VIOLATION {}\n", example);
  fmt::print("violations {}\n", totals.violations);
  if (totals.violations > 0) fmt::print("replay: simulate --seed {} --trace\n", totals.first_bad);
  return totals.violations == 0 ? 0 : 1;
}

}  // namespace
}  // namespace stepback::simulation

int main(int argc, char** argv) {
  using namespace stepback::simulation;
  std::uint64_t seeds = 1000;
  std::uint64_t first = 1;
  std::uint64_t one = 0;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  bool trace = false;
  bool mutants = false;
  Mutant mutant = Mutant::none;
  std::optional<bool> remembers;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--trace")
      trace = true;
    else if (option == "--remember")
      remembers = true;
    else if (option == "--mutants")
      mutants = true;
    else if (option == "--seeds")
      seeds = std::strtoull(value, nullptr, 10), ++i;
    else if (option == "--first")
      first = std::strtoull(value, nullptr, 10), ++i;
    else if (option == "--seed")
      one = std::strtoull(value, nullptr, 10), ++i;
    else if (option == "--jobs")
      jobs = static_cast<unsigned>(std::strtoul(value, nullptr, 10)), ++i;
    else if (option == "--mutant")
      mutant = stepback::named<Mutant>(value).value_or(Mutant::none), ++i;
    else
      return fmt::print(stderr, "simulate: unknown option {}\n", option), 2;
  }
  if (one != 0) return show_one(one, mutant, trace, remembers);
  return mutants ? show_mutants(first, seeds, jobs, remembers)
                 : show_many(first, seeds, jobs, remembers);
}
