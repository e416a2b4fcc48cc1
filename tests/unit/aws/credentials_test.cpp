// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/credentials.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "adapters/aws/roles.hpp"

namespace stepback::aws {
namespace {

class StoppedClock final : public Clock {
 public:
  Instant now() const override { return at; }
  Duration steady() const override { return Duration(at.ms); }
  Instant at = *parse_rfc3339("2026-01-27T10:00:00Z");
};

constexpr std::string_view sts_answer =
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
    "<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>"
    "<Expiration>2026-01-27T11:00:00Z</Expiration></Credentials></AssumeRoleResult>"
    "</AssumeRoleResponse>";

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    around.home = "/somebodylice";
    around.read_file = [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return fail(Code::not_found, path + ": there is no such file");
      return found->second;
    };
    around.run = [this](const std::vector<std::string>& command) -> Result<std::string> {
      ran = command;
      if (!printed) return fail(Code::unavailable, "ended with 1");
      return *printed;
    };
    around.send = [this](const http::Call& call) -> Result<http::Response> {
      sent.push_back(call);
      const auto found = answers.find(call.url.origin() + call.url.target);
      if (found == answers.end()) return fail(Code::unavailable, "connection refused");
      return found->second;
    };
  }
  Result<Credentials> get() { return CredentialSource(around, clock).get(); }
  void keys(const std::string& text) { files["/somebodylice/.aws/credentials"] = text; }
  void config(const std::string& text) { files["/somebodylice/.aws/config"] = text; }
  void answer(const std::string& address, std::string_view body, int status = 200) {
    answers[address] = {.status = status, .type = {}, .headers = {}, .body = std::string(body)};
  }

  Surroundings around;
  StoppedClock clock;
  std::map<std::string, std::string> files;
  std::map<std::string, http::Response> answers;
  std::vector<http::Call> sent;
  std::vector<std::string> ran;
  std::optional<std::string> printed;
};

TEST_F(CredentialsTest, TheVariablesComeFirst) {
  around.variables = {
      {"AWS_ACCESS_KEY_ID", "AKIAVAR"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}};
  keys("[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = f\n");
  const auto found = get();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key_id, "AKIAVAR");
  EXPECT_EQ(found->session_token.reveal(), "t");
}

TEST_F(CredentialsTest, AProfileNamedOnTheCommandLineComesBeforeTheVariables) {
  around.variables = {{"AWS_ACCESS_KEY_ID", "AKIAVAR"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
  around.profile = "kiro";
  keys("[kiro]\naws_access_key_id=AKIAKIRO\naws_secret_access_key=k\n");
  EXPECT_EQ(get()->key_id, "AKIAKIRO");
}

TEST_F(CredentialsTest, ReadsBothFilesAsAwscliDoes) {
  config(
      "# a remark\n[profile kiro]\nregion = eu-central-1   ; far away\n"
      "s3 =\n  max_concurrent_requests = 20\naws_access_key_id = NOT-THIS\n");
  keys(
      "; another\r\n[kiro]\r\naws_access_key_id = AKIAKIRO\r\naws_secret_access_key = a=b/c+d\r\n");
  around.variables = {{"AWS_PROFILE", "kiro"}};
  const auto found = get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->key_id, "AKIAKIRO");
  EXPECT_EQ(found->secret.reveal(), "a=b/c+d");
  EXPECT_EQ(region_of(around), "eu-central-1");
}

TEST_F(CredentialsTest, AProfileThatIsNotThereIsSaidSo) {
  around.variables = {{"AWS_PROFILE", "kirro"}};
  const auto found = get();
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("no profile is called kirro"), std::string::npos);
}

TEST_F(CredentialsTest, AssumesTheRoleOfAProfileWithTheKeysOfAnother) {
  config(
      "[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\n"
      "source_profile = me\nexternal_id = x 1\nregion = us-east-1\n");
  keys("[me]\naws_access_key_id = AKIAME\naws_secret_access_key = m\n");
  around.profile = "deploy";
  answer("https://sts.us-east-1.amazonaws.com/", sts_answer);
  const auto found = get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->key_id, "ASIAROLE");
  EXPECT_EQ(found->expires_at, *parse_rfc3339("2026-01-27T11:00:00Z"));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0].body.find("Action=AssumeRole&ExternalId=x%201&"), std::string::npos);
  EXPECT_NE(sent[0].headers.find("Authorization")->find("Credential=AKIAME/"),
            std::string_view::npos);
}

TEST_F(CredentialsTest, ProfilesThatNameEachOtherAreRefused) {
  config(
      "[profile a]\nrole_arn = r\nsource_profile = b\n"
      "[profile b]\nrole_arn = r\nsource_profile = a\n");
  around.profile = "a";
  const auto found = get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::invalid);
}

TEST_F(CredentialsTest, AWebIdentityIsShownUnsigned) {
  files["/var/run/token"] = "header.payload.signature";
  around.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"},
                      {"AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"},
                      {"AWS_REGION", "us-east-1"}};
  std::string text(sts_answer);
  for (auto at = text.find("AssumeRole"); at != std::string::npos;
       at = text.find("AssumeRole", at + 27))
    text.replace(at, 10, "AssumeRoleWithWebIdentity");
  answer("https://sts.us-east-1.amazonaws.com/", text);
  const auto found = get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(sent[0].headers.find("Authorization"));
}

TEST_F(CredentialsTest, RunsACommandWithoutAShell) {
  config("[default]\ncredential_process = /opt/keys \"two words\" 'a;b' $(reboot)\n");
  printed = R"({"Version":1,"AccessKeyId":"AKIACMD","SecretAccessKey":"c","SessionToken":"t"})";
  const auto found = get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->key_id, "AKIACMD");
  EXPECT_EQ(ran, (std::vector<std::string>{"/opt/keys", "two words", "a;b", "$(reboot)"}));
}

TEST_F(CredentialsTest, ASingleSignOnIsLeftToAwscli) {
  config("[profile sso]\nsso_session = corp\nsso_account_id = 1\n");
  around.profile = "sso";
  printed = R"({"Version":1,"AccessKeyId":"ASIASSO","SecretAccessKey":"c","SessionToken":"t"})";
  ASSERT_TRUE(get());
  EXPECT_EQ(ran.front(), "aws");
  EXPECT_EQ(ran.back(), "sso");
}

TEST_F(CredentialsTest, NothingSecretIsInAnError) {
  config("[default]\ncredential_process = /opt/keys\n");
  printed = R"({"AccessKeyId":"AKIACMD","SecretAccessKey":"hush")";
  const auto found = get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message.find("hush"), std::string::npos);
}

TEST_F(CredentialsTest, AContainerIsAskedWithItsToken) {
  files["/token"] = "let me in";
  around.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:99/creds"},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"}};
  answer("http://127.0.0.1:99/creds",
         R"({"AccessKeyId":"ASIACON","SecretAccessKey":"c","Token":"t",)"
         R"("Expiration":"2026-01-27T16:00:00Z"})");
  ASSERT_TRUE(get());
  EXPECT_EQ(sent[0].headers.find("Authorization"), "let me in");
}

TEST_F(CredentialsTest, AnInstanceIsAskedForASessionFirst) {
  const std::string host = "http://169.254.169.254";
  answer(host + "/latest/api/token", "session");
  answer(host + "/latest/meta-data/iam/security-credentials/", "the-role");
  answer(host + "/latest/meta-data/iam/security-credentials/the-role",
         R"({"AccessKeyId":"ASIAINST","SecretAccessKey":"c","Token":"t"})");
  const auto found = get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->key_id, "ASIAINST");
  EXPECT_EQ(sent[1].headers.find("X-aws-ec2-metadata-token"), "session");
}

TEST_F(CredentialsTest, NoneAnywhereSaysWhereItLooked) {
  around.variables = {{"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto found = get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::denied);
  EXPECT_NE(found.error().message.find("aws configure"), std::string::npos);
  EXPECT_TRUE(sent.empty());
}

TEST_F(CredentialsTest, WhatExpiresIsFetchedAgainBeforeItDoes) {
  around.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:99/"}};
  const auto give = [this](const std::string& key, const std::string& until) {
    answer("http://127.0.0.1:99/", R"({"AccessKeyId":")" + key +
                                       R"(","SecretAccessKey":"c","Token":"t","Expiration":")" +
                                       until + R"("})");
  };
  give("FIRST", "2026-01-27T11:00:00Z");
  CredentialSource source(around, clock);
  EXPECT_EQ(source.get()->key_id, "FIRST");
  give("SECOND", "2026-01-27T12:00:00Z");
  clock.at = clock.at + minutes(54);
  EXPECT_EQ(source.get()->key_id, "FIRST");
  answers.clear();  // the endpoint is away: what is still valid is used
  clock.at = clock.at + minutes(2);
  EXPECT_EQ(source.get()->key_id, "FIRST");
  give("SECOND", "2026-01-27T12:00:00Z");
  EXPECT_EQ(source.get()->key_id, "SECOND");
  answers.clear();
  clock.at = clock.at + hours(2);
  EXPECT_FALSE(source.get());
}

TEST(SplitWords, RefusesAQuoteThatIsNotClosed) {
  EXPECT_FALSE(split_words("a \"b"));
  EXPECT_EQ(*split_words(R"(a\ b "c\"d" '')"), (std::vector<std::string>{"a b", "c\"d", ""}));
}

}  // namespace
}  // namespace stepback::aws
