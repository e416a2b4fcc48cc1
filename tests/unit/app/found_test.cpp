// SPDX-License-Identifier: Apache-2.0
#include "app/config_found.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/config.hpp"

#include "support/scratch.hpp"

namespace stepback {
namespace {

namespace fs = std::filesystem;

class Found : public ::testing::Test {
 protected:
  testing::Scratch scratch;
  fs::path root = scratch.path();
  WhereToLook where{.roots = {(root / "srv").string(), (root / "nowhere").string()},
                    .units = (root / "units").string()};

  void place(const std::string& folder, const std::string& version = "v1") {
    fs::create_directories(root / "srv" / folder / "releases" / version);
    fs::create_symlink("releases/" + version, root / "srv" / folder / "current");
  }
  void unit(const std::string& name, const std::string& text) {
    fs::create_directories(root / "units");
    std::ofstream(root / "units" / name) << text;
  }
  std::string current(const std::string& folder) const {
    return (root / "srv" / folder / "current").string();
  }
  Config understood() const {
    const auto text = first_configuration(look_around(where));
    const auto config =
        parse_config({.text = text, .file = "stepback.yaml", .directory = root.string()}, {});
    EXPECT_TRUE(config) << config.error().message << "\n" << text;
    return config ? *config : Config{};
  }
};

TEST_F(Found, AreEnvironmentsInTheOrderOfPromotion) {
  for (const auto* name : {"production", "staging", "test"}) place(std::string("shop/") + name);
  const auto config = understood();
  ASSERT_EQ(config.environments.size(), 3U);
  EXPECT_EQ(config.service, "shop");
  EXPECT_EQ(config.environments[0].environment.name, "test");
  EXPECT_EQ(config.environments[2].environment.name, "production");
  EXPECT_TRUE(config.environments[2].is_protected);
  EXPECT_FALSE(config.environments[0].is_protected);
}

TEST_F(Found, StartsInShadowMode) {
  place("shop/test");
  EXPECT_FALSE(understood().policy.automatic);
  fs::remove_all(root / "srv");
  EXPECT_FALSE(understood().policy.automatic);
}

TEST_F(Found, IsAServiceWithoutEnvironmentsAsProduction) {
  place("shop");
  const auto found = look_around(where);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].places[0].environment, "production");
  EXPECT_EQ(found[0].places[0].current, current("shop"));
}

TEST_F(Found, IsTheUnitThatRunsFromTheLink) {
  place("shop/test");
  unit("other.service", "ExecStart=" + current("shop/test") + "-of-another/bin\n");
  unit("shop-test.service", "ExecStart=" + current("shop/test") + "/bin/serve\n");
  EXPECT_EQ(look_around(where)[0].places[0].unit, "shop-test.service");
  EXPECT_EQ(understood().environments[0].environment.name, "test");
}

TEST_F(Found, IsNothingThatOnlyLooksLikeIt) {
  fs::create_directories(root / "srv/no-link/test/releases/v1");
  fs::create_directories(root / "srv/elsewhere/test/releases");
  fs::create_directories(root / "other/v1");
  fs::create_symlink(root / "other/v1", root / "srv/elsewhere/test/current");
  place("$(touch harm)/test");
  place("shop/a: b");
  EXPECT_TRUE(look_around(where).empty());
  EXPECT_EQ(understood().service, "shop");  // the example
}

TEST_F(Found, PutsTheServiceWithMostEnvironmentsFirstAndNamesTheOthers) {
  place("blog");
  place("shop/test");
  place("shop/production");
  const auto found = look_around(where);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "shop");
  EXPECT_NE(first_configuration(found).find("# Also here, for a configuration of its own: blog"),
            std::string::npos);
}

TEST_F(Found, ChangesNothing) {
  place("shop/test");
  const auto before = fs::last_write_time(root / "srv/shop/test");
  (void)look_around(where);
  EXPECT_EQ(fs::last_write_time(root / "srv/shop/test"), before);
  EXPECT_FALSE(fs::exists(root / "nowhere"));
}

}  // namespace
}  // namespace stepback
