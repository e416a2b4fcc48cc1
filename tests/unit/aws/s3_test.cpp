// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/s3.hpp"

#include <gtest/gtest.h>

#include "adapters/aws/many.hpp"
#include "base/digest.hpp"
#include "support/pretend_s3_account.hpp"

namespace stepback::aws {
namespace {

class S3Test : public ::testing::Test {
 protected:
  // Answers every call with this, and keeps the last one.
  void answers(http::Response response) {
    pretend.wire.connection.send = [this,
                                    response](const http::Call& call) -> Result<http::Response> {
      sent = call;
      return response;
    };
  }
  testing::PretendS3Account pretend;
  S3& s3 = pretend.s3;
  http::Call sent;
};

TEST(Sha256Text, TravelsAsBase64AndComesBack) {
  const auto hex = sha256_hex("abc");
  EXPECT_EQ(base64_of_sha256(hex), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  EXPECT_EQ(sha256_of_base64(base64_of_sha256(hex)), hex);
  EXPECT_EQ(base64_of_sha256("zz"), "");
  EXPECT_EQ(sha256_of_base64("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=-3"), "");
}

TEST_F(S3Test, AddressesArePathStyleAndKeysEncodedToTheLetter) {
  answers({.status = 200});
  ASSERT_TRUE(s3.head({"bucket", "v1/a b+ü%2F(1).js"}));
  EXPECT_EQ(sent.url.text(),
            "https://s3.eu-central-1.amazonaws.com/bucket/v1/a%20b%2B%C3%BC%252F%281%29.js");
  EXPECT_EQ(sent.headers.find("x-amz-content-sha256"), sha256_hex(""));
}

TEST_F(S3Test, AWriteSaysWhatItMustFindAndTheHashOfItsBytes) {
  answers({.status = 200});
  ASSERT_TRUE(s3.put({"b", "k"}, {.bytes = "abc", .metadata = {}, .condition = {.etag = "\"e\""}}));
  EXPECT_EQ(sent.headers.find("If-Match"), "\"e\"");
  EXPECT_EQ(sent.headers.find("x-amz-checksum-sha256"),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST_F(S3Test, AChecksumOfPartsIsNoneOfTheWhole) {
  http::Response response{.status = 200};
  response.headers.add("x-amz-checksum-sha256", base64_of_sha256(sha256_hex("abc")));
  response.headers.add("x-amz-checksum-type", "COMPOSITE");
  answers(response);
  EXPECT_EQ(s3.head({"b", "k"})->sha256, "");
}

TEST_F(S3Test, AnErrorBehindA200IsAnError) {
  answers({.status = 200,
           .type = {},
           .headers = {},
           .body = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>"});
  const auto copied = s3.copy({.from = {"a", "k"}, .to = {"b", "k"}, .source_etag = {}});
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, Code::unavailable);
}

TEST_F(S3Test, AnObjectThatLooksLikeAnErrorIsAnObject) {
  pretend.store.put("b", "k", {.bytes = "<Error><Code>NoSuchKey</Code></Error>"});
  EXPECT_TRUE(s3.get({"b", "k"}, 1000));
}

TEST_F(S3Test, MoreThanFiveGigabytesAreCopiedInParts) {
  std::vector<std::string> requests;
  pretend.wire.connection.send = [&](const http::Call& call) -> Result<http::Response> {
    requests.push_back(std::string(http::name_of(call.method)) + " " + call.url.target + " " +
                       std::string(call.headers.find("x-amz-copy-source-range").value_or("")));
    const bool begins = call.url.target.ends_with("?uploads");
    return http::Response{
        .status = 200,
        .type = {},
        .headers = {},
        .body = begins ? "<R><UploadId>u 1</UploadId></R>" : "<R><ETag>\"e\"</ETag></R>"};
  };
  ASSERT_TRUE(s3.copy({.from = {"a", "k"},
                       .to = {"b", "k"},
                       .size = S3::largest_copy + 1,
                       .source_etag = "\"s\""}));
  ASSERT_EQ(requests.size(), 1u + 11u + 1u);
  EXPECT_EQ(requests[1], "PUT /b/k?partNumber=1&uploadId=u%201 bytes=0-536870911");
  EXPECT_EQ(requests[11], "PUT /b/k?partNumber=11&uploadId=u%201 bytes=5368709120-5368709120");
  EXPECT_EQ(requests[12], "POST /b/k?uploadId=u%201 ");
}

TEST_F(S3Test, AListIsReadPageByPageWithItsOddKeys) {
  pretend.store.page = 2;
  const std::vector<std::string> keys{"p/a", "p/b +ü", "p/c&<", "p/d", "p/e"};
  for (const auto& key : keys) pretend.store.put("b", key, {.bytes = "x"});
  std::vector<std::string> found;
  ASSERT_TRUE(s3.list("b", "p/", [&](Listed&& object) {
    found.push_back("p/" + object.key);
    return true;
  }));
  EXPECT_EQ(found, keys);
  EXPECT_EQ(pretend.store.count("GET", "list-type=2"), 3);
}

TEST_F(S3Test, DeletesManyAtOnceWhateverTheirNames) {
  const std::vector<std::string> keys{"a&b", "c<d>", "e\"f"};
  for (const auto& key : keys) pretend.store.put("b", key, {.bytes = "x"});
  ASSERT_TRUE(s3.remove("b", keys));
  EXPECT_TRUE(pretend.store.keys("b").empty());
}

TEST(Many, DoesEachOnceAndNoMoreAtOnceThanAllowed) {
  std::vector<std::atomic<int>> done(5000);
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  ASSERT_TRUE(do_many({.count = done.size(),
                       .deed = [&](std::size_t i) -> Result<> {
                         const int here = ++now;
                         if (here > most) most = here;
                         ++done[i];
                         --now;
                         return {};
                       },
                       .refused = nullptr,
                       .pace = {.first = 4, .most = 16}}));
  for (const auto& each : done) EXPECT_EQ(each, 1);
  EXPECT_LE(most, 16);
}

TEST(Many, StopsAtTheFirstError) {
  std::atomic<int> done = 0;
  const auto result = do_many({.count = 100'000,
                               .deed = [&](std::size_t i) -> Result<> {
                                 ++done;
                                 if (i == 10) return fail(Code::denied, "no");
                                 return {};
                               },
                               .refused = nullptr});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::denied);
  EXPECT_LT(done, 100'000);
}

TEST(Many, GoesOnOneByOneWhenAlwaysAskedToSlowDown) {
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<int> done = 0;
  ASSERT_TRUE(do_many({.count = 1000,
                       .deed = [&](std::size_t) -> Result<> {
                         ++refused;
                         ++done;
                         return {};
                       },
                       .refused = [&] { return refused.load(); }}));
  EXPECT_EQ(done, 1000);
}

}  // namespace
}  // namespace stepback::aws
