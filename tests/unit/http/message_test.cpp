// SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace stepback::http {
namespace {

TEST(Headers, AreFoundWhateverTheirCase) {
  const Headers headers{{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "2"}};
  EXPECT_EQ(headers.find("content-type"), "text/plain");
  EXPECT_EQ(headers.find("X-a"), "1");
  EXPECT_EQ(headers.find("Content"), std::nullopt);
}

TEST(Headers, CannotCarryAnotherHeader) {
  const Headers headers{{"Location", "/x\r\nSet-Cookie: a=b"}};
  EXPECT_EQ(headers.find("Location"), "/x  Set-Cookie: a=b");
}

TEST(Headers, FindATokenInAList) {
  const Headers headers{{"Connection", "keep-alive, Upgrade"}, {"Connection", "Close"}};
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_TRUE(headers.has_token("connection", "close"));
  EXPECT_FALSE(headers.has_token("connection", "keep"));
}

TEST(Request, ReadsParametersOfItsQuery) {
  Request request;
  request.query = "state=open&empty&limit=5&q=a%20b+c%2F&state=closed&=x";
  EXPECT_EQ(request.parameter("state"), "open");
  EXPECT_EQ(request.parameter("limit"), "5");
  EXPECT_EQ(request.parameter("empty"), "");
  EXPECT_EQ(request.parameter("q"), "a b c/");
  EXPECT_EQ(request.parameter("other"), std::nullopt);
  request.query = "";
  EXPECT_EQ(request.parameter("state"), std::nullopt);
}

TEST(PercentDecoding, RefusesBrokenEscapesAndNulBytes) {
  EXPECT_EQ(percent_decoded("a%2fb%C3%A9+"), "a/b\xC3\xA9+");
  for (const auto* text : {"%", "%2", "%2g", "%g2", "a%00b", "%-1"}) {
    EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
  }
}

TEST(Problem, IsWrittenAsRfc9457Says) {
  const Response response = problem(404, "there is no \"x\"");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.type, "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Not Found","status":404,)"
                           R"("detail":"there is no \"x\""})");
}

TEST(Methods, AreNamedAsTheyAreSent) {
  for (const auto method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::remove}) {
    EXPECT_EQ(method_of(name_of(method)), method);
  }
  EXPECT_EQ(name_of(Method::remove), "DELETE");
  EXPECT_EQ(method_of("get"), Method::other);
}

}  // namespace
}  // namespace stepback::http
