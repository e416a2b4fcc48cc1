// SPDX-License-Identifier: Apache-2.0
// The file of those who may use the server.
#include "app/tokens.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/secret.hpp"
#include "support/scratch.hpp"

namespace stepback {
namespace {

constexpr Instant noon{1'769'500'800'000};

class TokenFileTest : public ::testing::Test {
 protected:
  std::string added(const std::string& name, CallerRole role = CallerRole::viewer) {
    auto token = add_token(path, name, role, noon);
    EXPECT_TRUE(token) << token.error().message;
    return token.value_or("");
  }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }

  testing::Scratch scratch;
  std::string path = (scratch.path() / "tokens.json").string();
};

TEST_F(TokenFileTest, KeepsWhatProvesATokenAndNotTheToken) {
  const auto token = added("alice", CallerRole::operator_);
  const auto parts = parts_of_token(token);
  ASSERT_TRUE(parts);
  const auto records = read_tokens(path);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(records->front().name, "alice");
  EXPECT_EQ(records->front().role, CallerRole::operator_);
  EXPECT_EQ(records->front().id, parts->id);
  EXPECT_EQ(hash_of(Secret(std::string(parts->secret)), records->front().salt).value(),
            records->front().hash);
  EXPECT_EQ(text().find(parts->secret), std::string::npos);
}

TEST_F(TokenFileTest, GivesNoTwoTheSame) { EXPECT_NE(added("alice"), added("bob")); }

TEST_F(TokenFileTest, IsForItsOwnerAlone) {
  added("alice");
  struct stat facts{};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(read_tokens(path).error().code, Code::denied);
}

TEST_F(TokenFileTest, ForgetsWhoIsTakenOut) {
  added("alice");
  added("bob");
  ASSERT_TRUE(remove_token(path, "alice"));
  EXPECT_FALSE(remove_token(path, "alice"));
  EXPECT_EQ(read_tokens(path)->front().name, "bob");
}

TEST_F(TokenFileTest, IsReadAgainWhenItHasChanged) {
  TokenFile file(path);
  EXPECT_TRUE(file.now().empty());
  added("alice");
  EXPECT_EQ(file.now().size(), 1u);
  ASSERT_TRUE(remove_token(path, "alice"));
  EXPECT_TRUE(file.now().empty());
}

TEST_F(TokenFileTest, LetsNobodyInWhileItCannotBeRead) {
  std::ofstream(path) << "{";
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  TokenFile file(path);
  ASSERT_EQ(file.now().size(), 1u);  // so that a token is asked for; and it fits none
  EXPECT_TRUE(file.now().front().hash.empty());
}

}  // namespace
}  // namespace stepback
