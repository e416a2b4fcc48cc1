// SPDX-License-Identifier: Apache-2.0
// Scenario transcripts: each .txt beside this file is a story, played on the real engine and
// command line in a pretend world and compared with what is written there, word for word.
//
//   # a remark
//   % 2222222 runs in production for 2d          a good version; "for 5m unjudged": it still bakes
//   % 3333333 is bad                             unhealthy wherever it runs
//   % production is cursed                       nothing is healthy there
//   % the reply to switch is lost                once: it happened, and nobody was told so
//   % the alarm of production comes              and what became of the event
//   % time passes: 30s
//   % everything comes to rest                   turns are taken until no rollback is active
//   % people were told                           the notices, and the incidents
//   $ status                                     what a person types; then what they see
//
// STEPBACK_WRITE_TRANSCRIPTS=1 writes the files anew; the difference is for a person to read.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "signals/read.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(STEPBACK_SOURCE_DIR) / "tests" / "scenario"; }

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

class Story {
 public:
  // The transcript as it went, from the lines that say what to do.
  std::string play(const std::string& script) {
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("$ ")) {
        told_ += "\n" + line + "\n";
        type(line.substr(2));
      } else if (line.starts_with("% ")) {
        told_ += (spoke_ ? "\n" : "") + line + "\n";
        spoke_ = false;
        happen(line.substr(2));
      } else if (line.starts_with("#")) {
        told_ += line + "\n";
      }
    }
    return told_;
  }

 private:
  void say(const std::string& text) {
    told_ += text;
    spoke_ = true;
  }

  void type(const std::string& line) {
    const auto ran = service_.run(line, "y\n");
    say(ran.out);
    if (!ran.err.empty()) say(ran.err);
    if (ran.exit != 0) say(fmt::format("[exit {}]\n", ran.exit));
  }

  void happen(const std::string& what) {
    const auto words = words_of(what);
    if (what.find(" runs in ") != std::string::npos) {
      const bool judged = !what.ends_with("unjudged");
      service_.deployed(words.at(3), words.at(0), *parse_duration(words.at(5)), judged);
    } else if (what.ends_with(" is bad")) {
      service_.world.bad.insert(SimWorld::digest_of({words.at(0)}).hex);
    } else if (what.ends_with(" is cursed")) {
      service_.world.places[{words.at(0)}].cursed = true;
    } else if (what.starts_with("the reply to ")) {
      lose_a_reply(words.at(3));
    } else if (what.starts_with("the alarm of ")) {
      alarm(words.at(3));
    } else if (what.starts_with("time passes: ")) {
      service_.clock.advance(*parse_duration(words.at(2)));
    } else if (what == "everything comes to rest") {
      const auto before = service_.clock.now();
      EXPECT_TRUE(service_.rest()) << "it goes on for ever";
      say(fmt::format("after {}\n", to_short(service_.clock.now() - before)));
    } else if (what == "people were told") {
      notices();
    } else {
      ADD_FAILURE() << "the story says what nobody understands: " << what;
    }
  }

  void lose_a_reply(const std::string& point) {
    service_.world.before = [this, point](std::string_view at, bool changes) {
      if (at != point || !changes || lost_) return SimFault::none;
      lost_ = true;
      return SimFault::reply_lost;
    };
  }

  void alarm(const std::string& environment) {
    const auto answer = service_.engine().intake.take(service_.alarm(environment));
    ASSERT_TRUE(answer) << answer.error().message;
    say(fmt::format("{}{}: {}\n", answer->seen_before ? "again " : "",
                    name_of(answer->record.disposition), answer->record.why));
  }

  void notices() {
    ASSERT_TRUE(service_.engine().courier.turn());
    for (const auto& [place, told] : service_.store.all_notices()) {
      const auto& notice = told.item.notice;
      say(fmt::format("{:<28} {:<9} {}\n", name_of(notice.kind), name_of(notice.severity),
                      notice.environment.name));
    }
    for (const auto& [incident, times] : service_.world.incidents)
      say(fmt::format("incident {}, opened {} time{}\n", incident, times, times == 1 ? "" : "s"));
  }

  PretendService service_;
  std::string told_;
  bool spoke_ = false;
  bool lost_ = false;
};

// Only what tells the story what to do; the rest is written again.
class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, GoesAsItIsWritten) {
  const auto path = folder() / (GetParam() + ".txt");
  const auto written = contents(path);
  ASSERT_FALSE(written.empty());
  const auto played = Story().play(written);
  const char* write = std::getenv("STEPBACK_WRITE_TRANSCRIPTS");  // NOLINT(concurrency-mt-unsafe)
  if (write != nullptr && played != written) {
    std::ofstream(path) << played;
    FAIL() << "written anew: " << path << "; read the difference";
  }
  EXPECT_EQ(played, written);
}

std::vector<std::string> stories() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(folder()))
    if (file.path().extension() == ".txt") names.push_back(file.path().stem().string());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, testing::ValuesIn(stories()),
                         [](const auto& story) { return story.param; });

}  // namespace
}  // namespace stepback::cli
