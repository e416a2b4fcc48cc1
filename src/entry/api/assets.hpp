// SPDX-License-Identifier: Apache-2.0
#pragma once

// The dashboard's files, which are part of the program: served compressed, as the build left them.
// A path that names no file is one of the dashboard's own pages and gets index.html, whose script
// knows what to show there. Without a bundle there is a plain page that leads to the texts.
// Handlers run on the server's threads.

#include <span>
#include <string_view>

#include "http/message.hpp"
#include "http/routes.hpp"

namespace stepback {

struct Asset {
  std::string_view path;  // "/index.html", "/assets/index-4f1c.js"
  std::string_view type;  // "text/html; charset=utf-8"
  std::string_view hash;  // of the bytes; any text without quotes
  std::string_view gzip;  // the bytes, compressed

  // Below it names carry their contents' hash, so that what one names never changes.
  static constexpr std::string_view unchanging = "/assets/";
};

// Defined by a source that the dashboard's build makes; empty: there is no bundle.
std::span<const Asset> dashboard_assets();

http::Response asset_response(std::span<const Asset> assets, const http::Request& request);

// Whatever GET no other route is for.
void add_asset_routes(http::Routes& routes, std::span<const Asset> assets);

// What every page is sent with: nothing comes from elsewhere, nobody frames it.
void add_page_headers(http::Response& response);

}  // namespace stepback
