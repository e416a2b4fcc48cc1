// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/policy_keys.hpp"
#include "config_text.hpp"
#include "support/scratch.hpp"

namespace stepback {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text, mode_t mode) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  static std::string said_of(const std::string& path) {
    const auto config = load_config(path, {});
    return config ? "accepted" : config.error().message;
  }

  testing::Scratch scratch_;
  const std::string folder_ = scratch_.path().string();
};

TEST_F(ConfigFile, IsReadAndItsFolderIsWherePathsBegin) {
  const auto config = load_config(write("stepback.yaml", good_config + "state: state\n", 0644), {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->state, folder_ + "/state");
}

TEST(ExampleConfig, OfOneMachineIsAccepted) {
  const std::string path = std::string(STEPBACK_SOURCE_DIR) + "/examples/one-machine/stepback.yaml";
  const auto config = load_config(path, {{"SHOP_STEPBACK_TOKEN", "secret"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->stages.size(), 10U);
  EXPECT_EQ(config->gates.coverage_basis_points, 8'000);
  EXPECT_EQ(config->gates.allowed.size(), 1U);
}

TEST_F(ConfigFile, ThatIsWrongIsNamedAsItWasGiven) {
  const std::string path = write("x.yaml", "version: [", 0644);
  EXPECT_TRUE(said_of(path).starts_with(path + ":1:")) << said_of(path);
}

TEST_F(ConfigFile, ThatAnybodyMayWriteToIsRefused) {
  const std::string path = write("stepback.yaml", good_config, 0666);
  EXPECT_EQ(load_config(path, {}).error(),
            (Error{Code::denied, path + ": anybody may write to it; chmod o-w " + path}));
}

TEST_F(ConfigFile, ThatIsALinkIsRefused) {
  const std::string path = folder_ + "/link.yaml";
  std::filesystem::create_symlink(write("stepback.yaml", good_config, 0644), path);
  EXPECT_EQ(load_config(path, {}).error(),
            (Error{Code::denied, path + ": a link; name the file it leads to"}));
}

TEST_F(ConfigFile, ThatIsNotThereOrNoFileIsRefusedWithoutWaiting) {
  EXPECT_EQ(load_config(folder_ + "/none.yaml", {}).error().code, Code::not_found);
  EXPECT_EQ(load_config(folder_, {}).error().message, folder_ + ": not a file");
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(said_of(pipe), pipe + ": not a file");
}

TEST_F(ConfigFile, ThatIsTooLargeIsNotReadToItsEnd) {
  const std::string path = write("big.yaml", std::string(3'000'000, ' '), 0644);
  EXPECT_EQ(said_of(path), path + ": 1048577 bytes; at most 1048576 are read");
}

TEST_F(ConfigFile, OfASecretIsReadByItsOwnerOnly) {
  const auto read = [](const std::string& path) {
    return read_secret({SecretReference::From::file, path}, {});
  };
  EXPECT_EQ(read(write("token", "hunter2\n", 0600)).value().reveal(), "hunter2");
  EXPECT_EQ(read(write("open", "hunter2\n", 0644)).error().code, Code::denied);
  EXPECT_EQ(read(write("empty", "\n", 0600)).error().code, Code::invalid);
  EXPECT_EQ(read(write("long", std::string(5000, 'x'), 0600)).error().code, Code::invalid);
  EXPECT_EQ(read(folder_ + "/none").error().code, Code::not_found);
}

TEST(ReadSecret, TakesAVariableThatIsSet) {
  const SecretReference reference{SecretReference::From::variable, "TOKEN"};
  EXPECT_EQ(read_secret(reference, {{"TOKEN", "hunter2"}}).value().reveal(), "hunter2");
  EXPECT_EQ(read_secret(reference, {}).error(),
            (Error{Code::not_found, "the variable TOKEN is not set"}));
  EXPECT_EQ(read_secret(reference, {{"TOKEN", ""}}).error().code, Code::invalid);
}

TEST(VariablesOfProcess, AreThoseOfTheEnvironment) {
  ASSERT_EQ(setenv("STEPBACK_TEST_VARIABLE", "a=b", 1), 0);
  EXPECT_EQ(variables_of_process()["STEPBACK_TEST_VARIABLE"], "a=b");
  unsetenv("STEPBACK_TEST_VARIABLE");
}

// Stops compiling when Policy gets a field: then it needs a key too.
constexpr std::size_t fields_of_policy() {
  const Policy policy;
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa,
               last] = policy;
  return sizeof(&a) == sizeof(&last) ? 28 : 0;
}

TEST(PolicyKeys, NameEveryFieldOnce) {
  EXPECT_EQ(policy_keys.size(), fields_of_policy());
  Policy policy;
  std::string text = good_config + "policy:\n";
  for (const auto& key : policy_keys) {
    text += "  " + std::string(key.name);
    if (std::holds_alternative<Duration Policy::*>(key.field)) text += ": 7m\n";
    if (std::holds_alternative<int Policy::*>(key.field)) text += ": 7\n";
    if (const auto* field = std::get_if<bool Policy::*>(&key.field)) {
      text += policy.*(*field) ? ": false\n" : ": true\n";
    }
  }
  // Waits of seven minutes leave nothing of a budget of seven, so the budget is longer here.
  text = with(with(text, "  budget: 7m", "  budget: 70m"), "  bake: 7m", "  bake: 70m");
  const auto config = parse_text(text);
  ASSERT_TRUE(config) << config.error().message;
  for (const auto& key : policy_keys) {
    std::visit([&](auto field) { EXPECT_NE(config->policy.*field, policy.*field) << key.name; },
               key.field);
  }
}

}  // namespace
}  // namespace stepback
