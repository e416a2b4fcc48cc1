// SPDX-License-Identifier: Apache-2.0
#include "app/demo.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "adapters/sqlite/store.hpp"
#include "app/demo_stage.hpp"
#include "base/waiter.hpp"

namespace stepback {
namespace {

constexpr Duration look = Duration(100);
constexpr Duration longest = seconds(90);

// What must be true at the end, asked of the processes and of the record.
struct Expected {
  std::vector<std::string> versions;  // of test, staging, production
  bool production_healthy = true;
  Outcome outcome = Outcome::succeeded;
};

struct Scenario {
  std::string_view name;
  std::string_view story;
  std::vector<std::string> good;                  // deployed first, through all environments
  std::vector<std::string> broken_in_production;  // by the time the bad one turns
  bool crash = false;
  Expected expected;
};

std::vector<Scenario> scenarios() {
  return {
      {"stage-succeeds",
       "v2 turns bad in production; production goes back to v1.",
       {"v1"},
       {},
       false,
       {{"v2", "v2", "v1"}}},
      {"stage-fails",
       "v2 turns bad in production, and v1 is no better there any more: every environment goes "
       "back.",
       {"v0", "v1"},
       {"v1"},
       false,
       {{"v1", "v1", "v0"}}},
      {"all-fail",
       "nothing runs in production any more, whatever version: people must act.",
       {"v0", "v1"},
       {"v0", "v1"},
       false,
       {{"v1", "v1", "v0"}, false, Outcome::escalated}},
      {"crash",
       "v2 turns bad in production, and the server is killed (SIGKILL) while it rolls back.",
       {"v1"},
       {},
       true,
       {{"v2", "v2", "v1"}}},
  };
}

class Demo {
 public:
  Demo(DemoStage& stage, const Scenario& scenario, std::ostream& out)
      : stage_(stage), scenario_(scenario), out_(out) {}

  Result<bool> play();

 private:
  Result<> introduce();
  Result<> deploy(const std::string& version);
  Result<> wait_until_good();
  Result<Rollback> follow();
  Result<> maybe_crash(const Rollback& rollback);
  void tell_new_entries(const Environment& environment);
  Result<bool> ask_the_processes(const Rollback& last);
  void say(std::string_view text) { out_ << text << std::endl; }
  Result<> wait(std::string_view what, Instant since);

  DemoStage& stage_;
  const Scenario& scenario_;
  std::ostream& out_;
  SystemClock clock_;
  ThreadWaiter waiter_;
  std::unique_ptr<SqliteStore> store_;
  Instant begun_;
  std::map<std::string, std::uint64_t> told_;  // entries, by environment
  bool crashed_ = false;
};

Result<> Demo::wait(std::string_view what, Instant since) {
  if (clock_.now() - since > longest) {
    return fail(Code::timeout, fmt::format("{} did not happen within {}; see {}/server.log", what,
                                           to_short(longest), stage_.folder().string()));
  }
  waiter_.wait(look);
  return {};
}

Result<> Demo::introduce() {
  begun_ = clock_.now();
  say(fmt::format(
      "A small service runs in three environments on 127.0.0.1. Nothing leaves this machine.\n"
      "Scenario {}: {}\n",
      scenario_.name, scenario_.story));
  TRY(stage_.start_server());
  store_ = TRY(SqliteStore::open({.path = (stage_.folder() / "state" / "stepback.db").string()}));
  return {};
}

Result<> Demo::deploy(const std::string& version) {
  const bool turns_bad = version == "v2";
  const auto from = TRY(
      stage_.build(version, turns_bad ? std::optional(DemoStage::Badness{.after = Duration(2500)})
                                      : std::nullopt));
  for (const auto& environment : stage_.environments()) {
    if (turns_bad && environment.name == "production" && !scenario_.broken_in_production.empty()) {
      TRY(stage_.break_versions(environment, scenario_.broken_in_production));
    }
    say(fmt::format("$ stepback deploy {} --version {}", environment.name, version));
    const int status = TRY(
        stage_.run({"deploy", environment.name, "--version", version, "--from", from, "--quiet"}));
    if (status != 0) return fail(Code::internal, fmt::format("deploy ended with {}", status));
  }
  return {};
}

// A version may be gone back to once it has baked.
Result<> Demo::wait_until_good() {
  const auto since = clock_.now();
  say("  ... until it has baked in every environment (8 s here, 60 min by default)");
  for (;;) {
    bool all = true;
    for (const auto& environment : stage_.environments()) {
      const auto head = TRY(store_->head(environment));
      const auto current = TRY(store_->deployment(head.current.value_or(DeploymentId{})));
      all = all && current.good_at.has_value();
    }
    if (all) return {};
    TRY(wait("baking", since));
  }
}

void Demo::tell_new_entries(const Environment& environment) {
  auto& after = told_[environment.name];
  const auto entries = store_->journal(environment, after, 100);
  if (!entries) return;
  for (const auto& stored : *entries) {
    after = stored.sequence;
    if (!stored.entry.rollback) continue;
    out_ << fmt::format("  {:>5}  {:<11} {:<22} {}", to_short(stored.entry.at - begun_),
                        environment.name, stored.entry.kind, stored.entry.text)
         << std::endl;
  }
}

Result<> Demo::maybe_crash(const Rollback& rollback) {
  const auto acts = [](const Lane& lane) {
    return lane.phase == Phase::settling || lane.phase == Phase::performing;
  };
  if (!scenario_.crash || crashed_ || std::ranges::none_of(rollback.lanes, acts)) return {};
  crashed_ = true;
  stage_.kill_server();
  say("         ** the server was killed in the middle (SIGKILL), and is started again **");
  return stage_.start_server();
}

// Shows the timeline as it happens; returns the last rollback, when all have ended.
Result<Rollback> Demo::follow() {
  const auto since = clock_.now();
  say("\nv2 was declared succeeded everywhere. In production it is about to turn bad ...\n");
  for (;;) {
    for (const auto& environment : stage_.environments()) tell_new_entries(environment);
    const auto rollbacks = TRY(store_->rollbacks({.limit = 10}));
    const bool under_way =
        std::ranges::any_of(rollbacks, [](const Rollback& each) { return is_active(each); });
    if (!rollbacks.empty()) TRY(maybe_crash(rollbacks.front()));
    if (!rollbacks.empty() && !under_way) {
      for (const auto& environment : stage_.environments()) tell_new_entries(environment);
      return rollbacks.front();
    }
    TRY(wait("the rollback", since));
  }
}

Result<bool> Demo::ask_the_processes(const Rollback& last) {
  bool as_expected = last.outcome == scenario_.expected.outcome;
  say("\nThe processes themselves say:");
  for (std::size_t i = 0; i < stage_.environments().size(); ++i) {
    const auto& environment = stage_.environments()[i];
    const auto answer = stage_.ask(environment);
    const bool wants_health =
        environment.name != "production" || scenario_.expected.production_healthy;
    const bool right = answer && answer->version == scenario_.expected.versions[i] &&
                       answer->healthy == wants_health;
    as_expected = as_expected && right;
    say(fmt::format("  {} {:<11} {} {}", right ? "✔" : "✖", environment.name,
                    answer ? answer->version : answer.error().message,
                    answer ? (answer->healthy ? "healthy" : "NOT healthy") : ""));
  }
  const auto head = TRY(store_->head({"production"}));
  const bool held =
      std::ranges::any_of(head.holds, [](const Hold& hold) { return hold.version.text == "v2"; });
  const bool left_to_people =
      head.waiting.has_value() == (scenario_.expected.outcome == Outcome::escalated);
  say(fmt::format("  {} v2 is {} in production{}", held ? "✔" : "✖", held ? "held" : "NOT held",
                  head.waiting ? "; it waits for people: " + head.waiting->incident : ""));
  as_expected = as_expected && held && left_to_people && (!scenario_.crash || crashed_);
  say(fmt::format("\n{} after {}: {}", as_expected ? "As it should be" : "NOT as it should be",
                  to_short(clock_.now() - begun_), last.why));
  return as_expected;
}

Result<bool> Demo::play() {
  TRY(introduce());
  for (const auto& version : scenario_.good) {
    TRY(deploy(version));
    TRY(wait_until_good());
  }
  TRY(deploy("v2"));
  for (const auto& environment : stage_.environments()) {
    const auto entries = TRY(store_->journal(environment, 0, 1000));
    told_[environment.name] = entries.empty() ? 0 : entries.back().sequence;
  }
  const auto last = TRY(follow());
  const bool as_expected = TRY(ask_the_processes(last));
  const auto config = stage_.configuration();
  say(
      fmt::format("Look at it next:  stepback explain {0} -c {1}\n"
                  "                  stepback history -c {1}   ·   stepback status -c {1}   ·   "
                  "stepback audit verify -c {1}",
                  last.id.text, config));
  return as_expected;
}

}  // namespace

int run_demo(const DemoOptions& options, std::ostream& out, std::ostream& err) {
  const auto all = scenarios();
  const auto wanted = options.scenario.empty() ? std::string(all.front().name) : options.scenario;
  const auto scenario = std::ranges::find(all, wanted, &Scenario::name);
  if (scenario == all.end()) {
    err << "stepback: no scenario is called that\n    there are stage-succeeds, stage-fails, "
           "all-fail and crash\n"
           "    try: stepback demo --scenario stage-fails\n";
    return 2;
  }
  auto stage = DemoStage::set_up(options.directory, options.keep);
  if (!stage) {
    err << "stepback: the demo cannot be set up\n    " << stage.error().message
        << "\n    try: stepback demo --scenario crash\n";
    return 7;
  }
  const auto played = Demo(**stage, *scenario, out).play();
  if (!played) {
    err << "stepback: the demo did not come to its end\n    " << played.error().message
        << "\n    try: stepback demo --keep\n";
    return 8;
  }
  if (!options.keep && options.directory.empty()) {
    out << "(this folder is removed now; stepback demo --keep leaves it)" << std::endl;
  }
  return *played ? 0 : 1;
}

}  // namespace stepback
