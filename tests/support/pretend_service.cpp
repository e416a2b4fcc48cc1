// SPDX-License-Identifier: Apache-2.0
#include "support/pretend_service.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "entry/cli/options.hpp"
#include "signals/read.hpp"

#include "support/command_words.hpp"

namespace stepback::cli {
namespace {

constexpr int longest_wait = 20'000;  // a command that waits longer than this hangs

// Whatever a test makes the program complain about: the command that it says to try is one.
void expect_attempt_is_understood(const Ran& ran) {
  const auto attempt = ran.attempt();
  if (attempt.empty()) return;
  auto words = command_words(attempt);
  ASSERT_EQ(words.front(), "stepback") << attempt;
  words.erase(words.begin());
  const auto parsed = parse(words);
  const auto* complaint = std::get_if<Complaint>(&parsed);
  EXPECT_EQ(complaint, nullptr) << attempt << ": " << complaint->what << ", " << complaint->why;
}

std::string tree_file(const std::string& path) {
  std::ifstream file(std::string(STEPBACK_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Settings pretend_settings() {
  Settings settings{.service = "kiro-worker",
                    .environments = {{"test"}, {"staging"}, {"production"}},
                    .alarms = default_alarm_rules("kiro"),
                    .holder = "test-process"};
  settings.policy.settle = seconds(10);
  settings.policy.quiet = seconds(5);
  settings.policy.bake = minutes(10);
  return settings;
}

}  // namespace

std::string Ran::attempt() const {
  const auto at = err.find("    try: ");
  if (at == std::string::npos) return {};
  auto text = err.substr(at + 9, err.find('\n', at) - at - 9);
  return text.substr(0, text.find("        ("));
}

PretendService::PretendService()
    : settings(pretend_settings()),
      alarms_(world, memory, settings),
      performer_(memory, store, {world, world, world}, {alarms_, world, world, world}, settings,
                 clock),
      query_(store, store, performer_, {world, world, world}, alarms_, settings, clock),
      inspection_(store, store, performer_, {{world, world, world}, world, world, world},
                  {looking, looking, looking, looking, looking, looking}, settings, clock),
      intake_(memory, alarms_, settings, clock, Random(1), &log_),
      turns_(*this),
      deployer_(store, intake_, performer_, world, {world, world, world}, alarms_, settings, clock,
                turns_, Random(2)),
      gatekeeper_(store, intake_, clock),
      runs_(store, intake_, gatekeeper_, deployer_, work, work, settings, clock, turns_, Random(4)),
      emergencies_(store, query_, intake_, inspection_, settings, clock),
      reconciler_(store, store, intake_, alarms_, world, world, settings, clock, &log_),
      courier_(store, {&world}, world, clock, &log_),
      idle_courier_(idle_store_, {}, world, clock, &log_),
      idle_reconciler_(idle_store_, idle_store_, intake_, world, world, world, settings, clock,
                       &log_),
      engine_{.settings = settings,
              .clock = clock,
              .log = log_,
              .waiter = turns_,
              .store = memory,
              .ledger = store,
              .query = query_,
              .inspection = inspection_,
              .intake = intake_,
              .deployer = deployer_,
              .gatekeeper = gatekeeper_,
              .runs = runs_,
              .emergencies = emergencies_,
              .reconciler = reconciler_,
              .courier = courier_,
              .make_worker = [this] { return make_worker(); },
              .make_runner =
                  [this] {
                    return std::make_unique<Runner>(
                        idle_store_, [this] { return make_worker(); }, idle_courier_,
                        idle_reconciler_, clock, &log_, Runner::Options{.workers = 1});
                  },
              .server_is_alive = [this] { return server; },
              .evaluate_alarms = [] {}} {}

std::unique_ptr<Worker> PretendService::make_worker() {
  return std::make_unique<Worker>(memory, performer_, world, settings, clock, Random(3), &log_);
}

void PretendService::take_turns() {
  world.evaluate_alarms();
  const auto worker = make_worker();
  const auto due = store.due(clock.now(), 100);
  ASSERT_TRUE(due);
  for (const auto& each : *due) ASSERT_TRUE(worker->take_turn(each.id));
  ASSERT_TRUE(reconciler_.turn());
}

bool PretendService::rest(Duration at_most) {
  for (const auto end = clock.now() + at_most; clock.now() < end; clock.advance(seconds(1))) {
    take_turns();
    if (store.rollbacks({.active_only = true})->empty()) return true;
  }
  return false;
}

Signal PretendService::alarm(const std::string& environment, AlarmState state) {
  auto& place = world.places[{environment}];
  place.red = state == AlarmState::alarm;
  place.red_since = Duration(clock.now().ms);
  return {.name = "kiro-worker-" + environment + "-errors",
          .state = state,
          .at = clock.now(),
          .reason = "5 errors in 1 minute",
          .source = "eventbridge"};
}

bool PretendService::Turns::wait(Duration at_most) {
  ++waits_;
  if (service_.on_wait) service_.on_wait(waits_);
  service_.clock.advance(at_most);
  if (!service_.busy) service_.take_turns();
  EXPECT_LT(waits_, longest_wait) << "it waits for ever";
  return waits_ < longest_wait;
}

Ran PretendService::run(const std::string& line, const std::string& typed) {
  std::istringstream in(typed);
  std::ostringstream out;
  std::ostringstream err;
  if (broken_output) out.setstate(std::ios::badbit);
  Terminal shown{.in = in,
                 .out = out,
                 .err = err,
                 .in_is_terminal = terminal,
                 .out_is_terminal = terminal,
                 .width = 100,
                 .color_allowed = false,
                 .user = user,
                 .environment = variables,
                 .interrupted = &interrupted};
  Application application;
  application.engine = [this](const GlobalOptions& global) -> Result<Engine*> {
    ++engines_made;
    if (global.configuration == "missing.yaml")
      return fail(Code::not_found, "missing.yaml: there is no such file");
    return &engine_;
  };
  application.check_configuration = [](const GlobalOptions&) -> Result<std::string> {
    return fail(Code::invalid, "stepback.yaml:3:1: unknown key enviroments");
  };
  application.show_configuration = [](const GlobalOptions&) { return "service: kiro-worker"; };
  application.configuration_schema = [] {
    return tree_file("src/app/schema/stepback.schema.json");
  };
  application.api_description = [] { return tree_file("src/entry/api/openapi.json"); };
  application.init = [](const std::string& path) { return "wrote " + path; };
  application.serve = [](const GlobalOptions&, const ServeOptions&) { return 0; };
  application.demo = [](const DemoOptions&) { return 0; };
  application.break_demo = [](const std::string&) { return 0; };
  application.stop_demo = [] { return 0; };
  application.known_names = [this](const std::string& configuration) {
    return configuration == "missing.yaml" ? KnownNames{} : known;
  };
  application.backup = [](const GlobalOptions&, const std::string& path) {
    return "wrote " + path;
  };
  application.read_event = [](std::string_view bytes) -> Result<Signal> {
    return read_one_signal(bytes, {.origin = EventOrigin::hand_made});
  };
  auto words = command_words(line);
  words.insert(words.begin(), "stepback");
  std::vector<const char*> argv;
  for (const auto& word : words) argv.push_back(word.c_str());
  Ran ran;
  ran.exit = cli::run(static_cast<int>(argv.size()), argv.data(), shown, application);
  ran.out = out.str();
  ran.err = err.str();
  expect_attempt_is_understood(ran);
  return ran;
}

Deployment PretendService::deployed(const std::string& name, const std::string& version,
                                    Duration before, bool good) {
  Random random(store.commits() + 10);
  const auto started = clock.now() - before;
  Deployment deployment{.id = make_id<DeploymentTag>(started, random),
                        .environment = {name},
                        .version = {version},
                        .digest = SimWorld::digest_of({version}),
                        .status = DeploymentStatus::succeeded,
                        .started_at = started,
                        .cutover_at = started,
                        .ended_at = started};
  deployment.bake = settings.policy.bake;
  deployment.started_by = "pipeline";
  deployment.infrastructure_changed = false;
  if (good) deployment.good_at = started;
  const std::string alarm = "kiro-worker-" + name + "-errors";
  deployment.baseline = {{alarm, AlarmState::ok}};
  auto head = *store.head({name});
  head.environment = {name};
  if (head.live) deployment.predecessor = head.live;
  head.current = deployment.id;
  head.live = Release{deployment.id, deployment.version, deployment.digest};
  Commit commit;
  commit.heads.push_back(head);
  commit.deployments.push_back(deployment);
  EXPECT_TRUE(store.commit(commit));
  auto& place = world.places[{name}];
  place.pointer.version = deployment.version;
  place.pointer.digest = deployment.digest;
  place.pointer.settled = true;
  place.running = deployment.digest;
  place.running_version = deployment.version;
  return deployment;
}

Head PretendService::head(const std::string& name) { return *store.head({name}); }

std::vector<Rollback> PretendService::rollbacks() { return *store.rollbacks({}); }

}  // namespace stepback::cli
