// SPDX-License-Identifier: Apache-2.0
#include "domain/transitions.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace stepback {
namespace {

TEST(Transitions, AreShownInTheDocsAsTheyAre) {
  std::ifstream file(STEPBACK_SOURCE_DIR "/docs/internals/rollback.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(page.find(transitions_as_markdown()), std::string::npos)
      << "docs/internals/rollback.md must hold this table:\n"
      << transitions_as_markdown();
}

TEST(Transitions, AnswerATakeOverInEveryPhase) {
  for (const auto& row : transitions) EXPECT_EQ(row[Event(Claimed{}).index()], Action::take);
}

TEST(Transitions, DoNothingOnceALaneIsDone) {
  for (std::size_t event = 1; event < event_count; ++event)
    EXPECT_EQ(transitions[phase_count - 1][event], Action::nothing);
}

}  // namespace
}  // namespace stepback
