// SPDX-License-Identifier: Apache-2.0
#include "entry/api/asking.hpp"

#include <algorithm>
#include <charconv>

#include "base/digest.hpp"

namespace stepback {
namespace {

constexpr std::size_t mark_length = 24;

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A document says in several places when it was asked for; that is no part of what it says.
void forget_when(json::Value& value) {
  if (auto* object = value.if_object()) {
    object->erase("asOf");
    for (auto& member : *object) forget_when(member.value());
  } else if (auto* array = value.if_array()) {
    for (auto& each : *array) forget_when(each);
  }
}

std::string mark_of(json::Value value) {
  forget_when(value);
  return "W/\"" + sha256_hex(json::write(value)).substr(0, mark_length) + "\"";
}

std::string names_of_environments(const Engine& engine) {
  std::string all;
  for (const auto& each : engine.settings.environments)
    all += (all.empty() ? "" : ", ") + each.name;
  return all;
}

}  // namespace

http::Response document(const json::Value& value, int status) {
  auto response = http::json_response(status, json::write(value));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response marked_document(const http::Request& request, const json::Value& value) {
  const auto mark = mark_of(value);
  const bool known = request.headers.has_token("If-None-Match", mark);
  auto response =
      known ? http::Response{.status = 304} : http::json_response(200, json::write(value));
  response.headers.add("ETag", mark);
  response.headers.add("Cache-Control", "no-cache");
  return response;
}

json::Value as_of(json::Value document, Instant now) {
  document.as_object()["asOf"] = json::Value(to_rfc3339(now));
  return document;
}

Result<Environment> known_environment(const Engine& engine, std::string_view name) {
  for (const auto& environment : engine.settings.environments) {
    if (environment.name == name) return environment;
  }
  return fail(Code::not_found, "there is no such environment; the configuration names " +
                                   names_of_environments(engine));
}

Result<std::optional<Environment>> asked_environment(const Engine& engine,
                                                     const http::Request& request) {
  const auto name = request.parameter("environment");
  if (!name) return std::optional<Environment>();
  return std::optional<Environment>(TRY(known_environment(engine, *name)));
}

Result<Environments> asked_environments(const Engine& engine, const http::Request& request) {
  const auto one = TRY(asked_environment(engine, request));
  return one ? Environments{*one} : engine.settings.environments;
}

Result<std::size_t> whole_number(const http::Request& request, std::string_view name,
                                 std::size_t usual, std::size_t most) {
  const auto text = request.parameter(name);
  if (!text) return usual;
  const auto number = number_in<std::size_t>(*text);
  if (!number || *number == 0) {
    return fail(Code::invalid,
                std::string(name) + " is a whole number from 1 to " + std::to_string(most));
  }
  return std::min(*number, most);
}

Result<std::optional<Instant>> asked_time(const http::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::optional<Instant>();
  const auto at = parse_rfc3339(*text);
  if (!at) return fail(Code::invalid, std::string(name) + ": " + at.error().message);
  return std::optional<Instant>(*at);
}

Result<bool> asked_flag(const http::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return fail(Code::invalid, std::string(name) + " is true or false");
}

std::string to_text(const PageToken& token) { return std::to_string(token.at.ms) + "." + token.id; }

Result<std::optional<PageToken>> asked_page(const http::Request& request) {
  const auto text = request.parameter("nextToken");
  if (!text) return std::optional<PageToken>();
  const auto point = text->find('.');
  const auto at = number_in<std::int64_t>(std::string_view(*text).substr(0, point));
  if (point == std::string::npos || !at || *at < 0 || *at >= never.ms)
    return fail(Code::invalid, "nextToken is what the page before gave");
  return std::optional<PageToken>({{*at}, text->substr(point + 1)});
}

}  // namespace stepback
