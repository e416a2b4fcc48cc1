// SPDX-License-Identifier: Apache-2.0
// bench-limits DIRECTORY: what a durable decision costs, beside what the disk and bare SQLite can
// do, in one run on the disk of that directory. Prints one JSON object: medians of the rounds.
#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/store.hpp"
#include "engine/intake.hpp"

namespace stepback::bench {
namespace {

constexpr int rounds = 7;
constexpr int lone = 200;      // durable writes of one kind in a round, one after the other
constexpr int together = 100;  // rows of one commit
constexpr int batches = 40;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "bench-limits: {}\n", why);
  std::exit(1);
}

double now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::micro>(now).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// The median of the microseconds that one of them takes.
double each_of(int count, const std::function<void()>& work) {
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const double from = now_us();
    work();
    took.push_back(now_us() - from);
  }
  return median(std::move(took));
}

class BareFile {
 public:
  explicit BareFile(const std::string& path)
      : file_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    if (file_ < 0) give_up("cannot write to " + path);
  }
  ~BareFile() { ::close(file_); }
  void append() {
    const std::string block(4096, 'x');
    if (::write(file_, block.data(), block.size()) < 0 || ::fdatasync(file_) != 0)
      give_up("the disk refuses");
  }

 private:
  int file_;
};

// A table with a row for each decision, and nothing else: the least a store on SQLite can do.
class BareSqlite {
 public:
  explicit BareSqlite(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) give_up("cannot open " + path);
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE decision(sequence INTEGER PRIMARY KEY, key TEXT, at INTEGER, body TEXT)");
    run("CREATE INDEX by_key ON decision(key)");
    sqlite3_prepare_v2(database_, "INSERT INTO decision(key, at, body) VALUES(?, ?, ?)", -1,
                       &insert_, nullptr);
  }
  ~BareSqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  void commit(int rows) {
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < rows; ++i) {
      const auto key = fmt::format("alarm/{}", ++number_);
      sqlite3_bind_text(insert_, 1, key.data(), static_cast<int>(key.size()), SQLITE_TRANSIENT);
      sqlite3_bind_int64(insert_, 2, number_);
      sqlite3_bind_text(insert_, 3, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
      if (sqlite3_step(insert_) != SQLITE_DONE) give_up(sqlite3_errmsg(database_));
      sqlite3_reset(insert_);
    }
    run("COMMIT");
  }

 private:
  void run(const char* statement) {
    if (sqlite3_exec(database_, statement, nullptr, nullptr, nullptr) != SQLITE_OK)
      give_up(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::string body_ = std::string(300, 'x');
  std::int64_t number_ = 0;
};

class RedAlarms : public Alarms {
 public:
  Result<std::vector<AlarmSeen>> list(const Environment&) override {
    AlarmSeen seen{.name = "kiro-worker-production-errors",
                   .roles = {.trigger = true, .validate = true},
                   .state = AlarmState::alarm};
    seen.since = SystemClock().now();
    return std::vector{seen};
  }
};

// Our own: an event judged, and the decision with its trigger record and journal made durable.
class Decisions {
 public:
  explicit Decisions(const std::string& path) {
    auto opened = SqliteStore::open({.path = path});
    if (!opened) give_up(opened.error().message);
    store_ = *std::move(opened);
    settings_.service = "bench";
    settings_.environments = {{"production"}};
    settings_.alarms = default_alarm_rules("kiro");
    settings_.holder = "bench";
    deploy();
    intake_ = std::make_unique<Intake>(*store_, alarms_, settings_, clock_, Random(1), nullptr);
  }
  void take() { must(intake_->take(next()).has_value()); }
  void take_each(int count) {
    std::vector<Signal> signals;
    for (int i = 0; i < count; ++i) signals.push_back(next());
    for (const auto& answer : intake_->take_each(signals)) must(answer.has_value());
  }
  std::size_t rollbacks() { return store_->rollbacks({})->size(); }

 private:
  static void must(bool holds) {
    if (!holds) give_up("a decision was not taken");
  }
  // v2 was put there a minute ago, over v1.
  void deploy() {
    const Instant now = clock_.now();
    Deployment current{.id = {"dep-2"}, .environment = {"production"}, .version = {"v2"}};
    current.digest = {std::string(64, '2')};
    current.status = DeploymentStatus::succeeded;
    current.started_at = now - minutes(2);
    current.cutover_at = current.ended_at = now - minutes(1);
    current.bake = hours(1);
    Head head{.environment = current.environment, .current = current.id};
    head.live = Release{current.id, current.version, current.digest};
    Commit commit;
    commit.heads = {head};
    commit.deployments = {current};
    must(store_->commit(commit).has_value());
  }
  Signal next() {
    Signal signal{.kind = SignalKind::alarm,
                  .name = fmt::format("kiro-worker-production-errors-{}", ++number_)};
    signal.at = clock_.now();
    signal.state = AlarmState::alarm;
    signal.source = "bench";
    signal.reason = "Threshold Crossed: 2 datapoints were greater than the threshold (5.0)";
    return signal;
  }

  SystemClock clock_;
  RedAlarms alarms_;
  Settings settings_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Intake> intake_;
  int number_ = 0;
};

void measure(const std::string& directory) {
  BareFile file(directory + "/bare");
  BareSqlite sqlite(directory + "/bare.db");
  Decisions decisions(directory + "/stepback.db");
  decisions.take();  // opens the rollback; the others of this run are about the same deployment
  std::vector<double> disk, row, decision, rows, taken;
  for (int round = 0; round < rounds; ++round) {
    disk.push_back(each_of(lone, [&] { file.append(); }));
    row.push_back(each_of(lone, [&] { sqlite.commit(1); }));
    decision.push_back(each_of(lone, [&] { decisions.take(); }));
    rows.push_back(each_of(batches, [&] { sqlite.commit(together); }) / together);
    taken.push_back(each_of(batches, [&] { decisions.take_each(together); }) / together);
  }
  fmt::print(R"({{"fdatasync_us":{:.1f},"sqlite_row_us":{:.1f},"decision_us":{:.1f},)"
             R"("sqlite_rows_per_s":{:.0f},"decisions_per_s":{:.0f},"rollbacks":{}}})"
             "\n",
             median(disk), median(row), median(decision), 1e6 / median(rows), 1e6 / median(taken),
             decisions.rollbacks());
}

}  // namespace
}  // namespace stepback::bench

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: bench-limits DIRECTORY\n");
    return 2;
  }
  stepback::bench::measure(arguments[1]);
}
