// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/git_repository.hpp"

#include <gtest/gtest.h>

#include "adapters/local/process.hpp"
#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

const Environment production{"production"};

class GitRepositoryTest : public ::testing::Test {
 protected:
  GitRepositoryTest() {
    git({"init", "-q", "-b", "main"});
    first_ = commit("app.js", "one", "begin");
    second_ = commit("app.js", "two", "say \"two\"; and $(more)");
  }
  std::string git(std::vector<std::string> arguments) {
    std::vector<std::string> line{"git",           "-C", directory_.path(),           "-c",
                                  "user.name=Ada", "-c", "user.email=ada@example.com"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    const auto ended =
        run({.arguments = line, .environment = {{"HOME", directory_.path()}}}, clock_);
    EXPECT_TRUE(ended && ended->succeeded()) << (ended ? ended->output : ended.error().message);
    return ended ? ended->output : "";
  }
  Version commit(const std::string& file, const std::string& text, const std::string& subject) {
    directory_.write(file, text);
    git({"add", "."});
    git({"commit", "-q", "-m", subject});
    auto id = git({"rev-parse", "HEAD"});
    id.erase(id.find('\n'));
    return {id};
  }

  SystemClock clock_;
  TemporaryDirectory directory_;
  Version first_;
  Version second_;
  GitRepository repository_{{.repositories = {{production, directory_.path()}}}, clock_};
};

TEST_F(GitRepositoryTest, ListsCommitsNewestFirst) {
  const auto commits = repository_.commits(production, clock_.now() - hours(1), 10);
  ASSERT_TRUE(commits) << commits.error().message;
  ASSERT_EQ(commits->size(), 2u);
  EXPECT_EQ(commits->front().id, second_.text);
  EXPECT_EQ(commits->front().author, "Ada");
  EXPECT_EQ(commits->front().subject, "say \"two\"; and $(more)");
  EXPECT_EQ(repository_.commits(production, clock_.now() - hours(1), 1)->size(), 1u);
}

TEST_F(GitRepositoryTest, SaysWhatDiffers) {
  const auto text = repository_.differences(production, first_, second_);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_NE(text->find("say \"two\""), std::string::npos) << *text;
  EXPECT_NE(text->find("app.js"), std::string::npos) << *text;
}

TEST_F(GitRepositoryTest, KnowsACommitByItsBeginningToo) {
  EXPECT_TRUE(repository_.knows(production, first_).value());
  EXPECT_TRUE(repository_.knows(production, {first_.text.substr(0, 8)}).value());
  EXPECT_FALSE(repository_.knows(production, {"9999999"}).value());
  const auto nowhere = repository_.differences(production, first_, {"9999999"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Code::not_found);
}

TEST_F(GitRepositoryTest, TakesNoNameForAnOption) {
  EXPECT_FALSE(repository_.knows(production, {"--exec=touch gone"}));
  EXPECT_FALSE(repository_.differences(production, {"-O/etc/passwd"}, second_));
}

TEST_F(GitRepositoryTest, RunsNoProgramOfTheRepository) {
  directory_.write("spy", "#!/bin/sh\ntouch " + directory_.path("ran") + "\n");
  std::filesystem::permissions(directory_.path("spy"), std::filesystem::perms::all);
  git({"config", "core.fsmonitor", directory_.path("spy")});
  git({"config", "diff.external", directory_.path("spy")});
  git({"config", "core.pager", directory_.path("spy")});
  git({"config", "gpg.program", directory_.path("spy")});
  git({"config", "log.showSignature", "true"});
  if (directory_.has("ran")) std::filesystem::remove(directory_.path("ran"));
  ASSERT_TRUE(repository_.commits(production, clock_.now() - hours(1), 10));
  ASSERT_TRUE(repository_.differences(production, first_, second_));
  EXPECT_FALSE(directory_.has("ran"));
}

TEST_F(GitRepositoryTest, SaysOfWhatIsNoRepositoryThatItCannotBeRead) {
  const TemporaryDirectory empty;
  GitRepository other({.repositories = {{production, empty.path()}}}, clock_);
  const auto knows = other.knows(production, first_);
  ASSERT_FALSE(knows);
  EXPECT_EQ(knows.error().code, Code::unavailable);
  EXPECT_FALSE(other.has_sources({"test"}));
}

TEST_F(GitRepositoryTest, IsFoundAroundAFolder) {
  directory_.make("deep/below");
  EXPECT_EQ(repository_around(directory_.path("deep/below")), directory_.path());
}

}  // namespace
}  // namespace stepback::local
