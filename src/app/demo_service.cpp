// SPDX-License-Identifier: Apache-2.0
#include "app/demo_service.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/sqlite/store.hpp"
#include "app/demo_stage.hpp"
#include "base/waiter.hpp"

namespace stepback {
namespace {

namespace fs = std::filesystem;

constexpr Duration look = Duration(100);
constexpr Duration longest = seconds(60);
constexpr Duration until_bad = seconds(4);

int complain(std::ostream& err, int exit, std::string_view what, std::string_view why,
             std::string_view attempt) {
  err << fmt::format("stepback: {}\n    {}\n    try: {}\n", what, why, attempt);
  return exit;
}

void introduce(const DemoStage& stage, std::ostream& out) {
  out << fmt::format(
             "A small service with three environments runs on 127.0.0.1.\n"
             "Nothing leaves this machine.\n"
             "  dashboard  http://127.0.0.1:{}\n"
             "  try        stepback status     then   stepback demo break production\n"
             "  stop it    stepback demo stop\n",
             stage.server_port())
      << std::flush;
}

Result<> deploy(const DemoStage& stage, const std::string& environment, const std::string& version,
                const std::string& from, std::ostream& out) {
  out << fmt::format("$ stepback deploy {} --version {}\n", environment, version) << std::flush;
  const int status =
      TRY(stage.run({"deploy", environment, "--version", version, "--from", from, "--quiet"}));
  if (status == 0) return {};
  return fail(Code::internal, fmt::format("deploying {} to {} ended with {}; see {}/server.log",
                                          version, environment, status, stage.folder().string()));
}

Result<> begin(const std::string& folder, std::ostream& out) {
  std::error_code error;
  fs::remove_all(folder, error);  // of one that did not end as it should
  fs::create_directories(fs::path(folder).parent_path(), error);
  const auto stage = TRY(DemoStage::set_up(folder, true));
  TRY(stage->start_server());
  const auto from = TRY(stage->build("v1", std::nullopt));
  for (const auto& environment : stage->environments())
    TRY(deploy(*stage, environment.name, "v1", from, out));
  if (!stage->server_runs())
    return fail(Code::unavailable, "its server ended; see " + folder + "/server.log");
  TRY(stage->leave_running());
  out << '\n';
  introduce(*stage, out);
  return {};
}

// Looks until it is there, or for a minute.
class Looking {
 public:
  explicit Looking(std::string_view at) : at_(at), since_(clock_.now()) {}

  Result<> again() {
    if (clock_.now() - since_ > longest)
      return fail(Code::timeout, fmt::format("{} did not come within {}; see stepback status", at_,
                                             to_short(longest)));
    waiter_.wait(look);
    return {};
  }

 private:
  std::string_view at_;
  SystemClock clock_;
  ThreadWaiter waiter_;
  Instant since_;
};

// What runs there must have baked, or there is nothing good to go back to.
Result<> wait_until_good(SqliteStore& store, const Environment& environment, std::ostream& out) {
  Looking looking("the end of its baking");
  for (bool said = false;; said = true) {
    const auto head = TRY(store.head(environment));
    const auto current = TRY(store.deployment(head.current.value_or(DeploymentId{})));
    if (current.good_at || current.status != DeploymentStatus::succeeded) return {};
    if (!said) {
      out << fmt::format("  ... until {} has baked (8 s here, 60 min by default)\n",
                         current.version.text)
          << std::flush;
    }
    TRY(looking.again());
  }
}

Result<RollbackId> rollback_of(SqliteStore& store, const Environment& environment,
                               const std::string& version) {
  for (Looking looking("its rollback");;) {
    const auto newest = TRY(store.rollbacks({.environment = environment, .limit = 1}));
    if (!newest.empty() && newest.front().rejected.version.text == version)
      return newest.front().id;
    TRY(looking.again());
  }
}

std::string next_version(const DemoStage& stage) {
  std::error_code error;
  int number = 1;
  while (fs::exists(stage.folder() / "builds" / fmt::format("v{}", number), error)) ++number;
  return fmt::format("v{}", number);
}

Result<int> break_it(DemoStage& stage, const Environment& environment, std::ostream& out) {
  const auto store =
      TRY(SqliteStore::open({.path = (stage.folder() / "state" / "stepback.db").string()}));
  TRY(wait_until_good(*store, environment, out));
  const auto version = next_version(stage);
  const auto from =
      TRY(stage.build(version, DemoStage::Badness{.after = until_bad, .in = environment.name}));
  TRY(deploy(stage, environment.name, version, from, out));
  out << version << " was declared succeeded. It is about to turn bad ...\n" << std::flush;
  const auto rollback = TRY(rollback_of(*store, environment, version));
  out << "$ stepback watch " << rollback.text << '\n' << std::flush;
  return stage.run({"watch", rollback.text});
}

}  // namespace

int start_demo(const Variables& variables, std::ostream& out, std::ostream& err) {
  const auto folder = demo_folder(variables);
  if (const auto stage = DemoStage::take_up(folder); stage && (*stage)->server_runs()) {
    introduce(**stage, out);
    return 0;
  }
  const auto begun = begin(folder, out);
  if (begun) return 0;
  return complain(err, 7, "the demo cannot be started", begun.error().message,
                  "stepback demo --scenario stage-succeeds");
}

int break_demo(const std::string& environment, const Variables& variables, std::ostream& out,
               std::ostream& err) {
  const auto stage = DemoStage::take_up(demo_folder(variables));
  if (!stage || !(*stage)->server_runs())
    return complain(err, 4, "nothing was broken", "no demo is running", "stepback demo");
  const auto& known = (*stage)->environments();
  const auto found = std::ranges::find(known, environment, &Environment::name);
  if (found == known.end())
    return complain(err, 4, "nothing was broken", "the demo has test, staging and production",
                    "stepback demo break production");
  const auto status = break_it(**stage, *found, out);
  if (!status)
    return complain(err, 7, "the demo could not be broken", status.error().message,
                    "stepback status");
  return *status;
}

int stop_demo(const Variables& variables, std::ostream& out, std::ostream& err) {
  const auto stage = DemoStage::take_up(demo_folder(variables));
  if (!stage) return complain(err, 4, "nothing was stopped", "no demo is running", "stepback demo");
  (*stage)->end_all();
  out << "The demo is stopped, and its folder removed.\n";
  return 0;
}

}  // namespace stepback
