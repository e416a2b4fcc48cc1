// SPDX-License-Identifier: Apache-2.0
#include "wire/github.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace stepback {
namespace {

Notice a_notice(NoticeKind kind, const std::string& reason = "alarm entered ALARM") {
  return {.key = "rb-1/production/x",
          .kind = kind,
          .environment = {"production"},
          .rollback = RollbackId{"rb-1"},
          .current_version = {"3333333"},
          .target_version = {"2222222"},
          .at = {1'769'509'084'000},
          .reason = reason,
          .took = seconds(282)};
}

TEST(GithubStatus, IsOneOfTheStatesThatGithubKnows) {
  const std::vector<std::pair<NoticeKind, std::string>> states{
      {NoticeKind::rollback_started, "in_progress"},
      {NoticeKind::rollback_completed, "success"},
      {NoticeKind::rollback_failed, "failure"},
      {NoticeKind::rollback_escalated, "error"},
      {NoticeKind::rollback_cancelled, "inactive"}};
  for (const auto& [kind, state] : states) {
    const auto status = json::parse(github_status(a_notice(kind), {}).value()).value();
    EXPECT_EQ(status.at("state").as_string(), state);
    EXPECT_EQ(status.at("environment"), "production");
  }
}

TEST(GithubStatus, HasADescriptionThatIsCutAtAWord) {
  const auto status =
      json::parse(github_status(a_notice(NoticeKind::rollback_completed, std::string(300, 'x')), {})
                      .value())
          .value();
  const auto& text = status.at("description").as_string();
  EXPECT_LE(text.size(), 140u);
  EXPECT_TRUE(std::string(text).starts_with("3333333 to 2222222 in 4m42s:...")) << text;
}

TEST(GithubStatus, HasALinkToTheWholeStoryWhereThereIsOne) {
  const auto status =
      json::parse(github_status(a_notice(NoticeKind::rollback_completed),
                                {.service = "kiro", .details = "https://stepback.example.com"})
                      .value())
          .value();
  EXPECT_EQ(status.at("log_url"), "https://stepback.example.com/rollbacks/rb-1");
}

TEST(GithubDeployment, AsksForNothingThatWasAskedBefore) {
  const auto body =
      json::parse(github_deployment(a_notice(NoticeKind::rollback_started), {}).value()).value();
  EXPECT_EQ(body.at("ref"), "2222222");
  EXPECT_EQ(body.at("auto_merge"), false);
  EXPECT_TRUE(body.at("required_contexts").as_array().empty());
  auto nowhere = a_notice(NoticeKind::rollback_started);
  nowhere.target_version = {};
  EXPECT_FALSE(github_deployment(nowhere, {}));
}

TEST(CutAtAWord, CutsNoCharacterInTwo) {
  EXPECT_EQ(cut_at_a_word("one two three", 13), "one two three");
  EXPECT_EQ(cut_at_a_word("one two three", 12), "one two...");
  EXPECT_EQ(cut_at_a_word("ääää", 6), "ä...");
}

}  // namespace
}  // namespace stepback
