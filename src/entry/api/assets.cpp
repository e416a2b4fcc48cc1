// SPDX-License-Identifier: Apache-2.0
#include "entry/api/assets.hpp"

#include <algorithm>
#include <string>

namespace stepback {
namespace {

constexpr std::string_view index_path = "/index.html";

constexpr std::string_view plain_page =
    "<!doctype html>\n<html lang=\"en\">\n<title>Stepback</title>\n"
    "<h1>Stepback</h1>\n<p>This program was built without its dashboard. As text there are:</p>\n"
    "<ul>\n<li><a href=\"/status.txt\">where everything is now</a></li>\n"
    "<li><a href=\"/history.txt\">deployments and rollbacks, newest first</a></li>\n"
    "<li><a href=\"/api/v1/openapi.json\">the API, described</a></li>\n</ul>\n</html>\n";

const Asset* find(std::span<const Asset> assets, std::string_view path) {
  const auto found = std::ranges::find(assets, path, &Asset::path);
  return found == assets.end() ? nullptr : &*found;
}

// "/rollbacks/rb-1" is a page; "/favicon.ico" would be a file.
bool is_page(std::string_view path) {
  const auto last = path.substr(path.rfind('/') + 1);
  return last.find('.') == std::string_view::npos && !path.starts_with("/api/");
}

// Whoever says nothing takes anything (RFC 9110).
bool takes_gzip(const http::Request& request) {
  const auto accepted = request.headers.find("Accept-Encoding");
  if (!accepted) return true;
  std::string_view rest = *accepted;
  while (!rest.empty()) {
    const auto item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const auto start = item.find_first_not_of(' ');
    if (start == std::string_view::npos) continue;
    const auto coding = item.substr(start, item.find_first_of("; ", start) - start);
    const bool refused = item.ends_with("q=0");
    if ((coding == "gzip" || coding == "*") && !refused) return true;
  }
  return false;
}

http::Response plain_response() {
  http::Response response{.status = 200,
                          .type = "text/html; charset=utf-8",
                          .headers = {},
                          .body = std::string(plain_page)};
  response.headers.add("Cache-Control", "no-cache");
  add_page_headers(response);
  return response;
}

http::Response response_of(const Asset& asset, const http::Request& request) {
  const std::string mark = "\"" + std::string(asset.hash) + "\"";
  const bool known = request.headers.has_token("If-None-Match", mark);
  http::Response response{.status = known ? 304 : 200};
  if (!known) {
    response.type = asset.type;
    response.body = asset.gzip;
    response.headers.add("Content-Encoding", "gzip");
  }
  response.headers.add("ETag", mark);
  response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("Cache-Control", asset.path.starts_with(Asset::unchanging)
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  add_page_headers(response);
  return response;
}

}  // namespace

void add_page_headers(http::Response& response) {
  response.headers.add("Content-Security-Policy",
                       "default-src 'self'; base-uri 'none'; form-action 'self'; "
                       "frame-ancestors 'none'; object-src 'none'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Frame-Options", "DENY");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
}

http::Response asset_response(std::span<const Asset> assets, const http::Request& request) {
  const Asset* asset = find(assets, request.path);
  if (asset == nullptr && is_page(request.path)) {
    asset = find(assets, index_path);
    if (asset == nullptr && request.path == "/") return plain_response();
  }
  if (asset == nullptr) return http::problem(404, "there is nothing at this path", "stepback help");
  if (!takes_gzip(request)) {
    return http::problem(406, "the dashboard is sent compressed by gzip; /status.txt is plain",
                         "stepback status");
  }
  return response_of(*asset, request);
}

void add_asset_routes(http::Routes& routes, std::span<const Asset> assets) {
  routes.otherwise(
      [assets](const http::Request& request) { return asset_response(assets, request); });
}

}  // namespace stepback
