// SPDX-License-Identifier: Apache-2.0
// Tokens and roles, and what must be typed before something severe is done.
#include "domain/access.hpp"

#include <gtest/gtest.h>

#include "domain/consent.hpp"

namespace stepback {
namespace {

TEST(Tokens, AreTakenApartAsTheyWerePutTogether) {
  const auto token = token_of({"3f9c", "d00d"});
  const auto parts = parts_of_token(token);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->id, "3f9c");
  EXPECT_EQ(parts->secret, "d00d");
}

TEST(Tokens, AreNothingElse) {
  for (const std::string text :
       {"", "stepback", "stepback_", "stepback_a", "stepback_a_", "stepback__b", "stepback_a_b_c",
        "stepback_a_b c", "Stepback_a_b", "stepback_../_x", "other_a_b"}) {
    EXPECT_FALSE(parts_of_token(text)) << text;
  }
  EXPECT_FALSE(parts_of_token("stepback_a_" + std::string(1000, 'b')));
}

TEST(Tokens, AreOneForEachName) {
  auto records = add_token({}, {.id = "1", .name = "alice"});
  ASSERT_TRUE(records);
  EXPECT_EQ(add_token(*records, {.id = "2", .name = "alice"}).error().code, Code::conflict);
  EXPECT_EQ(remove_token(*records, "bob").error().code, Code::not_found);
  EXPECT_TRUE(remove_token(*records, "alice").value().empty());
}

TEST(Tokens, BelongToNamesThatCanBeWrittenAnywhere) {
  EXPECT_TRUE(parse_caller_name("alice.b@example-1_x"));
  for (const std::string name : {"", "a b", "a\nb", "a/b", "<b>", "ä"})
    EXPECT_FALSE(parse_caller_name(name)) << name;
  EXPECT_FALSE(parse_caller_name(std::string(65, 'a')));
}

TEST(Roles, GiveEachRightToThoseAboveToo) {
  EXPECT_TRUE(may(CallerRole::viewer, Right::read));
  EXPECT_FALSE(may(CallerRole::viewer, Right::act));
  EXPECT_TRUE(may(CallerRole::operator_, Right::act));
  EXPECT_FALSE(may(CallerRole::operator_, Right::approve));
  EXPECT_TRUE(may(CallerRole::approver, Right::act));
  EXPECT_TRUE(may(CallerRole::approver, Right::approve));
}

TEST(Consent, WantsTheNameOfWhatIsSevere) {
  const Environments guarded{{"production"}};
  EXPECT_EQ(name_to_confirm({.environment = {"test"}}, guarded, "shop"), "");
  EXPECT_EQ(name_to_confirm({.environment = {"production"}}, guarded, "shop"), "production");
  EXPECT_EQ(name_to_confirm({.environment = {"test"}, .level = Level::full}, guarded, "shop"),
            "shop");
  ManualRequest risky{.environment = {"test"}};
  risky.wish.data_risk_accepted = true;
  EXPECT_EQ(name_to_confirm(risky, guarded, "shop"), "test");
  risky.wish = {.accepted_alarms = {"errors"}};
  EXPECT_EQ(name_to_confirm(risky, guarded, "shop"), "test");
}

}  // namespace
}  // namespace stepback
