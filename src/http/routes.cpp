// SPDX-License-Identifier: Apache-2.0
#include "http/routes.hpp"

#include <algorithm>
#include <optional>

#include "base/ensure.hpp"

namespace stepback::http {
namespace {

bool is_capture(std::string_view segment) { return segment.starts_with('{'); }

// Takes the segment off the front of "/a/b".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

std::vector<std::string> segments_of(std::string_view path) {
  ENSURE(path.starts_with('/'));
  std::vector<std::string> segments;
  while (!path.empty()) segments.emplace_back(take_segment(path));
  return segments;
}

bool matches(const std::vector<std::string>& segments, std::string_view path) {
  for (const auto& expected : segments) {
    if (path.empty()) return false;
    const std::string_view segment = take_segment(path);
    if (is_capture(expected) ? segment.empty() : segment != expected) return false;
  }
  return path.empty();
}

// False when an escape in a captured segment is broken.
bool capture(const std::vector<std::string>& segments, Request& request) {
  std::string_view path = request.path;
  for (const auto& expected : segments) {
    const std::string_view segment = take_segment(path);
    if (!is_capture(expected)) continue;
    auto decoded = percent_decoded(segment);
    if (!decoded) return false;
    request.captures.emplace_back(expected.substr(1, expected.size() - 2), *std::move(decoded));
  }
  return true;
}

Response wrong_method(const std::vector<Routes::Route>& routes) {
  std::string allowed;
  for (const auto& route : routes) {
    if (!allowed.empty()) allowed += ", ";
    allowed += name_of(route.method);
    if (route.method == Method::get) allowed += ", HEAD";
  }
  Response response = problem(405, "this path does not take that method");
  response.headers.add("Allow", allowed);
  return response;
}

}  // namespace

void Routes::handle(Method method, std::string_view path, Handler handler) {
  add(path, {.method = method, .handler = std::move(handler), .later = {}});
}

void Routes::defer(Method method, std::string_view path, LaterHandler handler) {
  add(path, {.method = method, .handler = {}, .later = std::move(handler), .runs_at_once = true});
}

void Routes::stream(Method method, std::string_view path, LaterHandler handler) {
  add(path, {.method = method, .handler = {}, .later = std::move(handler)});
}

void Routes::otherwise(Handler handler) {
  otherwise_ = Route{.method = Method::get, .handler = std::move(handler), .later = {}};
}

void Routes::add(std::string_view path, Route route) {
  Path* place = nullptr;
  auto segments = segments_of(path);
  if (std::ranges::none_of(segments, is_capture)) {
    place = &plain_[std::string(path)];
  } else {
    auto same = std::ranges::find(patterns_, segments, &Path::segments);
    if (same == patterns_.end()) same = patterns_.insert(same, Path{});
    place = &*same;
  }
  place->segments = std::move(segments);
  ENSURE(std::ranges::find(place->routes, route.method, &Route::method) == place->routes.end());
  place->routes.push_back(std::move(route));
}

Routes::Found Routes::find(Request& request) const {
  const Path* path = nullptr;
  if (const auto plain = plain_.find(request.path); plain != plain_.end()) {
    path = &plain->second;
  } else {
    const auto pattern = std::ranges::find_if(patterns_, [&](const Path& candidate) {
      return matches(candidate.segments, request.path);
    });
    if (pattern != patterns_.end()) path = &*pattern;
  }
  const Method method = request.method == Method::head ? Method::get : request.method;
  if (path == nullptr && otherwise_ && method == Method::get) return {.route = &*otherwise_};
  if (path == nullptr) return {.refusal = problem(404, "there is nothing at this path")};
  const auto route = std::ranges::find(path->routes, method, &Route::method);
  if (route == path->routes.end()) return {.refusal = wrong_method(path->routes)};
  if (!capture(path->segments, request)) {
    return {.refusal = problem(400, "an escape in the path is broken")};
  }
  return {.route = &*route};
}

}  // namespace stepback::http
