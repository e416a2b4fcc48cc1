// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a request asks for, taken from its path and query with the limits that hold for all of them,
// and documents as answers. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "engine/engine.hpp"
#include "entry/api/problems.hpp"
#include "http/message.hpp"

namespace stepback {

inline constexpr std::size_t most_listed = 500;

http::Response document(const json::Value& value, int status = 200);
// The same with a mark of what it says, but for when it was asked; 304 to whoever knows it.
http::Response marked_document(const http::Request& request, const json::Value& value);
// Says when it was looked at.
json::Value as_of(json::Value document, Instant now);

// Only what the configuration names: a name from outside goes no further than this.
Result<Environment> known_environment(const Engine& engine, std::string_view name);
// Of the query; none: all of them.
Result<std::optional<Environment>> asked_environment(const Engine& engine,
                                                     const http::Request& request);
Result<Environments> asked_environments(const Engine& engine, const http::Request& request);

Result<std::size_t> whole_number(const http::Request& request, std::string_view name,
                                 std::size_t usual, std::size_t most);
Result<std::optional<Instant>> asked_time(const http::Request& request, std::string_view name);
Result<bool> asked_flag(const http::Request& request, std::string_view name);

// Where a page of a list, newest first, goes on: behind the record that began then and has that id.
struct PageToken {
  Instant at;
  std::string id;
};
std::string to_text(const PageToken& token);
Result<std::optional<PageToken>> asked_page(const http::Request& request);

}  // namespace stepback
