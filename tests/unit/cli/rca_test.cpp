// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "entry/cli/archive.hpp"
#include "support/pretend_service.hpp"
#include "support/scratch.hpp"

namespace stepback::cli {
namespace {

namespace fs = std::filesystem;

class RcaCommand : public ::testing::Test {
 protected:
  RcaCommand() {
    for (const auto* name : {"test", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", minutes(5), false);
    }
    service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
    const auto taken = service.engine().intake.take(service.alarm("production"));
    EXPECT_TRUE(taken && taken->record.rollback);
    EXPECT_TRUE(service.rest());
    id = taken->record.rollback->text;
    into = scratch.path() / "evidence";
  }
  Ran collect() { return service.run("rca " + id + " --into " + into.string()); }
  Ran verify() { return service.run("rca verify " + into.string()); }
  std::string file(const std::string& name) const {
    std::ifstream in(into / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void append(const std::string& name) const { std::ofstream(into / name, std::ios::app) << "x"; }

  stepback::testing::Scratch scratch;
  PretendService service;
  std::string id;
  fs::path into;
};

TEST_F(RcaCommand, AnswersTheFiveQuestionsFromTheRecords) {
  const auto ran = collect();
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const auto draft = file("post-mortem.md");
  EXPECT_NE(draft.find("from `2222222` to `1111111`"), std::string::npos) << draft;
  EXPECT_NE(draft.find("kiro-worker-production-errors by "), std::string::npos) << draft;
  EXPECT_NE(draft.find("`git log 1111111..2222222`"), std::string::npos) << draft;
  EXPECT_NE(draft.find("- test: "), std::string::npos) << "seen in another environment: " << draft;
  EXPECT_NE(draft.find(": test from 2222222"), std::string::npos) << "a pattern: " << draft;
  EXPECT_NE(draft.find("dependencies: no data"), std::string::npos) << draft;
  EXPECT_NE(draft.find("rollback.opened"), std::string::npos) << "a timeline: " << draft;
}

TEST_F(RcaCommand, AsksTheTwelvePromptsAndNamesTheBranchToMendOn) {
  ASSERT_EQ(collect().exit, 0);
  const auto draft = file("post-mortem.md");
  std::size_t prompts = 0;
  for (auto at = draft.find("- [ ] "); at != std::string::npos; at = draft.find("- [ ] ", at + 1))
    ++prompts;
  EXPECT_EQ(prompts, 12U);
  EXPECT_NE(draft.find("git checkout -b fix/rollback-issue-dep-"), std::string::npos) << draft;
}

TEST_F(RcaCommand, IsVerifiedAndFindsWhatWasChangedTakenAwayOrAdded) {
  ASSERT_EQ(collect().exit, 0);
  EXPECT_EQ(verify().exit, 0) << verify().out;
  append("journal.jsonl");
  fs::remove(into / "seen.json");
  append("own.txt");
  const auto found = verify();
  EXPECT_EQ(found.exit, 1);
  EXPECT_NE(found.out.find("journal.jsonl is not as it was collected"), std::string::npos);
  EXPECT_NE(found.out.find("seen.json is missing"), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("own.txt was added"), std::string::npos) << found.out;
}

TEST_F(RcaCommand, NoticesAChangedChain) {
  ASSERT_EQ(collect().exit, 0);
  auto chain = file("chain.jsonl");
  chain.replace(chain.find("rollback.json"), 13, "rollback.jsom");
  std::ofstream(into / "chain.jsonl") << chain;
  const auto found = verify();
  EXPECT_NE(found.exit, 0);
  EXPECT_NE(found.err.find("the chain was changed"), std::string::npos) << found.err;
}

TEST_F(RcaCommand, IsRememberedSoThatAWholeNewArchiveIsFoundOut) {
  ASSERT_EQ(collect().exit, 0);
  const auto proof = prove(file("chain.jsonl"), {});
  const auto explained = service.run("explain " + id + " -o json").out;
  ASSERT_TRUE(proof);
  EXPECT_NE(explained.find(proof->end), std::string::npos) << explained;
}

TEST_F(RcaCommand, OverwritesNothing) {
  ASSERT_EQ(collect().exit, 0);
  const auto again = collect();
  EXPECT_NE(again.exit, 0);
  EXPECT_NE(again.err.find("is there already"), std::string::npos) << again.err;
  EXPECT_EQ(verify().exit, 0);
}

TEST_F(RcaCommand, KeepsWhatItCollectedWhenTheSourcesAreGone) {
  ASSERT_EQ(collect().exit, 0);
  service.world.before = [](std::string_view, bool) { return SimFault::unavailable; };
  EXPECT_EQ(verify().exit, 0);
}

TEST_F(RcaCommand, WantsToKnowOfWhat) {
  EXPECT_EQ(service.run("rca").exit, 2);
  EXPECT_EQ(service.run("rca rb-01KFZ3Q8W5T7A0B1C2D3").exit, 4);
  EXPECT_EQ(service.run("rca verify " + into.string()).exit, 4);
}

}  // namespace
}  // namespace stepback::cli
