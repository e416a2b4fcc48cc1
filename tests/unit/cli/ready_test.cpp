// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class ReadyCommand : public testing::Test {
 protected:
  ReadyCommand() {
    for (const auto* name : {"test", "staging", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", minutes(5));
    }
  }

  PretendService service;
};

TEST_F(ReadyCommand, SaysWhatItWouldGoBackToAndThatNobodyHasSeenIt) {
  const auto ran = service.run("ready production");
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("✔ production can go back to 1111111, about"), std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("nobody has seen it work lately"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("no rollback ever succeeded here"), std::string::npos) << ran.out;
}

TEST_F(ReadyCommand, KnowsWhenItLastWorked) {
  service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
  ASSERT_EQ(service.run("rollback production --yes --reason measured").exit, 0);
  ASSERT_TRUE(service.rest());
  service.deployed("production", "3333333", minutes(1));
  const auto ran = service.run("ready production");
  EXPECT_NE(ran.out.find("proof"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("no rollback ever succeeded here"), std::string::npos) << ran.out;
}

TEST_F(ReadyCommand, Exits1ForTheOneOfThreeWhoseArtifactsAreGone) {
  service.world.artifacts[SimWorld::digest_of({"1111111"}).hex] = ArtifactState::missing;
  const auto all = service.run("ready");
  EXPECT_EQ(all.exit, 1);
  EXPECT_NE(all.out.find("✖ production could NOT be rolled back now"), std::string::npos)
      << all.out;
}

TEST_F(ReadyCommand, IsADocumentForScripts) {
  const auto ran = service.run("ready test -o json");
  EXPECT_NE(ran.out.find("\"schema\": \"stepback/v1/readiness\""), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("\"targetVersion\": \"1111111\""), std::string::npos) << ran.out;
}

class DoctorCommand : public ReadyCommand {};

TEST_F(DoctorCommand, NamesWhatIsWrongWithACommandThatParses) {
  service.settings.contacts = 0;
  const auto ran = service.run("doctor production --only notices");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("✖ contacts (notices): nobody is named"), std::string::npos) << ran.out;
  const auto at = ran.out.find("try: stepback ");
  ASSERT_NE(at, std::string::npos) << ran.out;
  const auto from = at + std::string("try: stepback ").size();
  const auto remedy = ran.out.substr(from, ran.out.find('\n', from) - from);
  EXPECT_NE(service.run(remedy).exit, 2) << remedy;
}

TEST_F(DoctorCommand, LooksAtEveryEnvironmentAndIsADocument) {
  const auto ran = service.run("doctor -o json");
  for (const auto* name : {"test", "staging", "production"})
    EXPECT_NE(ran.out.find(name), std::string::npos);
  EXPECT_NE(ran.out.find("\"schema\": \"stepback/v1/diagnosis\""), std::string::npos) << ran.out;
}

TEST_F(DoctorCommand, SaysWhoWasNotTold) {
  service.world.channel_down = true;
  service.world.bad.insert(SimWorld::digest_of({"2222222"}).hex);
  ASSERT_EQ(service.run("rollback production --yes --reason measured").exit, 0);
  ASSERT_TRUE(service.rest());
  ASSERT_TRUE(service.engine().courier.turn());
  const auto ran = service.run("doctor production --only notices");
  EXPECT_NE(ran.out.find("unheard (notices)"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace stepback::cli
