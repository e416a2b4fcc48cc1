// SPDX-License-Identifier: Apache-2.0
// The dashboard's files: what is cached, what is not, and what nobody else may do with a page.
#include "entry/api/assets.hpp"

#include <gtest/gtest.h>

#include <array>

namespace stepback {
namespace {

constexpr std::array<Asset, 2> assets{
    Asset{"/index.html", "text/html; charset=utf-8", "aa11", "zipped page"},
    Asset{"/assets/index-4f1c.js", "text/javascript", "bb22", "zipped script"}};

http::Response get(std::string_view path, http::Headers headers = {},
                   std::span<const Asset> from = assets) {
  http::Request request{.path = std::string(path), .headers = std::move(headers)};
  return asset_response(from, request);
}

std::string header(const http::Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or(""));
}

TEST(Assets, KeepForEverWhatItsNameTellsApart) {
  const auto script = get("/assets/index-4f1c.js");
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.body, "zipped script");
  EXPECT_EQ(header(script, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(script, "Cache-Control"), "public, max-age=31536000, immutable");
}

TEST(Assets, AreAskedForAgainWhereTheNameStaysTheSame) {
  const auto page = get("/index.html");
  EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
  const auto mark = header(page, "ETag");
  const auto again = get("/index.html", {{"If-None-Match", mark}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(get("/index.html", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST(Assets, GiveThePageForEveryPathThatNamesNoFile) {
  EXPECT_EQ(get("/").body, "zipped page");
  EXPECT_EQ(get("/rollbacks/rb-01KFZ3Q8W5T7A0B1C2D3").body, "zipped page");
  EXPECT_EQ(get("/favicon.ico").status, 404);
  EXPECT_EQ(get("/assets/index-old.js").status, 404);
  EXPECT_EQ(get("/api/v1/nowhere").status, 404);
}

TEST(Assets, AreKeptFromOtherSitesOnEveryPage) {
  for (const auto* path : {"/", "/index.html", "/assets/index-4f1c.js"}) {
    const auto page = get(path);
    EXPECT_TRUE(header(page, "Content-Security-Policy").starts_with("default-src 'self';")) << path;
    EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(header(page, "X-Frame-Options"), "DENY") << path;
  }
}

TEST(Assets, AreRefusedToWhoeverCannotReadGzip) {
  EXPECT_EQ(get("/", {{"Accept-Encoding", "br, gzip"}}).status, 200);
  EXPECT_EQ(get("/", {{"Accept-Encoding", "*"}}).status, 200);
  EXPECT_EQ(get("/", {{"Accept-Encoding", "identity"}}).status, 406);
  EXPECT_EQ(get("/", {{"Accept-Encoding", "gzip;q=0"}}).status, 406);
  EXPECT_NE(get("/", {{"Accept-Encoding", "br"}}).body.find("\"try\""), std::string::npos);
}

TEST(Assets, LeadToTheTextsWhereThereIsNoBundle) {
  const auto page = get("/", {}, {});
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("href=\"/status.txt\""), std::string::npos);
  EXPECT_FALSE(header(page, "Content-Security-Policy").empty());
  EXPECT_EQ(get("/history", {}, {}).status, 404);
}

}  // namespace
}  // namespace stepback
