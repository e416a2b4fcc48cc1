// SPDX-License-Identifier: Apache-2.0
// The catalogue of incidents: catalogue/incidents.txt has one short story after the other, each
// with what must become of it. A story is played on the real engine in a pretend world of its own,
// and what was decided is compared with what is written there, word for word. What it all comes to
// is printed as a confusion matrix: nothing healthy may be touched, and nothing bad may be left.
//
//   == an alarm right after the switch | production        a rollback is right, there and only
//   there
//   == an alarm that is OK again       | nothing           no environment may be touched
//   % 2222222 runs in production for 5m, unjudged           else it is good
//   % 3333333 is being deployed to production               live; "..., not yet live"
//   % signal kind=alarm name=... state=ALARM at=-10s        and: env, version, finding, breach, ...
//   % event {"source": "aws.cloudwatch", ... @-10s ...}     bytes; @-10s is that time
//   % the alarm of production turns red                     or clear: what a look at it would find
//   % the alarm of production was red before                in the baseline of what is deployed
//   % the reconciler looks, % time passes: 30s, % everything comes to rest
//   % policy automatic=false
//   $ hold list                                             what a person types
//
// STEPBACK_WRITE_TRANSCRIPTS=1 writes the file anew; the difference is for a person to read.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "signals/read.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

namespace fs = std::filesystem;

fs::path file() {
  return fs::path(STEPBACK_SOURCE_DIR) / "tests" / "scenario" / "catalogue" / "incidents.txt";
}

std::string contents(const fs::path& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Incident {
  std::string title;
  std::set<std::string> right;  // the environments that must be rolled back
  std::vector<std::string> deeds;
};

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<Incident> read_catalogue(const std::string& text) {
  std::vector<Incident> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("== ")) {
      const auto bar = line.find('|');
      Incident incident{.title = trimmed(line.substr(3, bar - 3))};
      std::istringstream names(line.substr(bar + 1));
      for (std::string name; names >> name;) {
        if (name != "nothing") incident.right.insert(name);
      }
      all.push_back(std::move(incident));
    } else if (line.starts_with("% ") || line.starts_with("$ ")) {
      all.back().deeds.push_back(line);
    }
  }
  return all;
}

class Play {
 public:
  std::string perform(const Incident& incident) {
    for (const auto& deed : incident.deeds) {
      told_ += deed + "\n";
      if (deed.starts_with("$ ")) {
        const auto ran = service_.run(deed.substr(2), "y\n");
        say(fmt::format("exit {}", ran.exit));
      } else {
        happen(deed.substr(2));
      }
    }
    for (const auto& rollback : service_.rollbacks()) {
      touched_.insert(rollback.environment.name);
      say(fmt::format("rolled back: {} from {}, {}", rollback.environment.name,
                      rollback.rejected.version.text, rollback.attribution));
    }
    return told_;
  }
  const std::set<std::string>& touched() const { return touched_; }

 private:
  void say(const std::string& line) { told_ += "    " + line + "\n"; }

  void happen(const std::string& what) {
    const auto begins = [&](std::string_view words) { return what.starts_with(words); };
    if (begins("signal ")) return take(signal(what.substr(7)));
    if (begins("event ")) return event(what.substr(6));
    if (begins("policy ")) return policy(what.substr(7));
    if (begins("the alarm of ")) return look_of_the_alarm(what.substr(13));
    if (begins("time passes: ")) return service_.clock.advance(*parse_duration(what.substr(13)));
    if (what == "the reconciler looks") return look();
    if (what == "everything comes to rest") {
      EXPECT_TRUE(service_.rest());
      return;
    }
    if (what.find(" runs in ") != std::string::npos) return runs(what);
    if (what.find(" is being deployed to ") != std::string::npos) return deploying(what);
    if (what.ends_with(" is bad")) {
      service_.world.bad.insert(SimWorld::digest_of({what.substr(0, what.find(' '))}).hex);
      return;
    }
    ADD_FAILURE() << "the story says what nobody understands: " << what;
  }

  void runs(const std::string& what) {
    std::istringstream words(what);
    std::string version, runs, in, environment, by, age;
    words >> version >> runs >> in >> environment >> by >> age;
    if (age.ends_with(',')) age.pop_back();
    service_.deployed(environment, version, *parse_duration(age), !what.ends_with("unjudged"));
  }

  void deploying(const std::string& what) {
    std::istringstream words(what);
    std::string version, is, being, deployed, to, environment;
    words >> version >> is >> being >> deployed >> to >> environment;
    if (environment.ends_with(',')) environment.pop_back();
    const auto before = service_.head(environment).live;
    auto deployment = service_.deployed(environment, version, minutes(2), false);
    auto head = service_.head(environment);
    deployment = *service_.store.deployment(deployment.id);
    deployment.status = DeploymentStatus::in_progress;
    deployment.ended_at.reset();
    deployment.deadline_at = service_.clock.now() + minutes(30);
    Commit commit;
    if (what.ends_with("not yet live")) {
      deployment.cutover_at.reset();
      head.live = before;
    }
    commit.deployments.push_back(deployment);
    commit.heads.push_back(head);
    ASSERT_TRUE(service_.store.commit(commit));
  }

  void look_of_the_alarm(const std::string& what) {
    const auto environment = what.substr(0, what.find(' '));
    if (what.ends_with(" was red before")) {
      auto deployment = *service_.store.deployment(*service_.head(environment).current);
      deployment.baseline.front().state = AlarmState::alarm;
      Commit commit;
      commit.deployments.push_back(deployment);
      ASSERT_TRUE(service_.store.commit(commit));
      return;
    }
    auto& place = service_.world.places[{environment}];
    place.red = what.ends_with(" turns red");
    place.red_since = Duration(service_.clock.now().ms);
  }

  void policy(const std::string& what) {
    const auto equals = what.find('=');
    const auto key = what.substr(0, equals);
    const bool yes = what.substr(equals + 1) == "true";
    if (key == "automatic") service_.settings.policy.automatic = yes;
    if (key == "actWhenUnknown") service_.settings.policy.act_when_unknown = yes;
    if (key == "account") service_.settings.account = what.substr(equals + 1);
  }

  void look() { EXPECT_TRUE(service_.engine().reconciler.turn()); }

  Instant moment(const std::string& text) {
    if (text.starts_with('-')) return service_.clock.now() - *parse_duration(text.substr(1));
    if (text.starts_with('+')) return service_.clock.now() + *parse_duration(text.substr(1));
    return service_.clock.now();
  }

  Signal signal(const std::string& words) {
    Signal signal{.name = "kiro-worker-production-errors", .at = service_.clock.now()};
    signal.reason = "as it was told";
    signal.source = "eventbridge";
    std::istringstream stream(words);
    for (std::string word; stream >> word;) {
      const auto key = word.substr(0, word.find('='));
      const auto value = word.substr(word.find('=') + 1);
      if (key == "kind") signal.kind = *named<SignalKind>(value);
      if (key == "name") signal.name = value;
      if (key == "state") signal.state = *named<AlarmState>(value);
      if (key == "at") signal.at = moment(value);
      if (key == "breach") signal.first_breach = moment(value);
      if (key == "env") signal.environment = Environment{value};
      if (key == "version") signal.version = {value};
      if (key == "finding") signal.findings.push_back(value);
      if (key == "run") signal.occurrence = value;
      if (key == "account") signal.account = value;
      if (key == "region") signal.region = value;
      if (key == "source") signal.source = value;
      if (key == "told") signal.told = value == "yes";
    }
    return signal;
  }

  void take(const Signal& signal) {
    const auto answer = service_.engine().intake.take(signal);
    ASSERT_TRUE(answer) << answer.error().message;
    say(fmt::format("{}{}: {}", answer->seen_before ? "again " : "",
                    name_of(answer->record.disposition), answer->record.why));
  }

  // @-10s stands for that moment.
  void event(std::string bytes) {
    for (auto at = bytes.find('@'); at != std::string::npos; at = bytes.find('@', at + 1)) {
      const auto end = bytes.find('"', at);
      bytes.replace(at, end - at, to_rfc3339(moment(bytes.substr(at + 1, end - at - 1))));
    }
    const auto read = read_signals(bytes);
    if (!read) return say("refused: " + to_error(read.error()).message);
    for (const auto& refused : read->refused) say("refused: " + to_error(refused).message);
    for (const auto& passed_over : read->passed_over) say("passed over: " + passed_over);
    for (const auto& signal : read->signals) take(signal);
  }

  PretendService service_;
  std::string told_;
  std::set<std::string> touched_;
};

struct Matrix {
  int acted_rightly = 0;
  int acted_wrongly = 0;
  int missed = 0;
  int left_rightly = 0;

  void count(const std::set<std::string>& right, const std::set<std::string>& touched) {
    for (const auto* name : {"test", "staging", "production"}) {
      const bool must = right.contains(name);
      const bool did = touched.contains(name);
      ++(must ? (did ? acted_rightly : missed) : (did ? acted_wrongly : left_rightly));
    }
  }
};

TEST(Catalogue, OfIncidentsIsDecidedAsItSays) {
  const auto before = contents(file());
  const auto incidents = read_catalogue(before);
  EXPECT_GE(incidents.size(), 60U);
  auto now = before.substr(0, before.find("== "));
  Matrix matrix;
  for (const auto& incident : incidents) {
    Play play;
    std::string right;
    for (const auto& name : incident.right) right += (right.empty() ? "" : " ") + name;
    now += fmt::format("== {} | {}\n{}\n", incident.title, right.empty() ? "nothing" : right,
                       play.perform(incident));
    EXPECT_EQ(play.touched(), incident.right) << incident.title;
    matrix.count(incident.right, play.touched());
  }
  fmt::print(
      "{} incidents in three environments each\n"
      "                        rolled back   left alone\n"
      "  a rollback is right   {:>11}   {:>10}\n"
      "  it is not             {:>11}   {:>10}\n",
      incidents.size(), matrix.acted_rightly, matrix.missed, matrix.acted_wrongly,
      matrix.left_rightly);
  EXPECT_EQ(matrix.acted_wrongly, 0) << "what is healthy was rolled back";
  EXPECT_EQ(matrix.missed, 0);
  if (std::getenv("STEPBACK_WRITE_TRANSCRIPTS") != nullptr) std::ofstream(file()) << now;
  EXPECT_TRUE(now == before) << "the catalogue reads otherwise now";
}

}  // namespace
}  // namespace stepback::cli
