// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which handler answers which request: a method and a path, whose parts in braces stand for any
// one segment ("/api/v1/rollbacks/{id}"). Filled before the server starts, then read from all its
// threads. A route for GET answers HEAD as well.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/responder.hpp"

namespace stepback::http {

using Handler = std::function<Response(const Request&)>;
using LaterHandler = std::function<void(Request, Responder)>;

class Routes {
 public:
  // Runs on one of the server's handler threads and may wait for the store or the disk.
  void handle(Method method, std::string_view path, Handler handler);

  // Runs on the thread that serves all connections: it must not wait for anything, but pass the
  // request and the responder on. For what must be fast.
  void defer(Method method, std::string_view path, LaterHandler handler);

  // As handle(), with a Responder: may open a Stream, or answer later.
  void stream(Method method, std::string_view path, LaterHandler handler);

  // For each GET that no other path is for; as handle().
  void otherwise(Handler handler);

  struct Route {
    Method method = Method::get;
    Handler handler;
    LaterHandler later;
    bool runs_at_once = false;  // on the io thread
  };

  struct Found {
    const Route* route = nullptr;
    Response refusal{};  // 400, 404 or 405 when there is none
  };

  // Sets the request's captures.
  Found find(Request& request) const;

 private:
  struct Path {
    std::vector<std::string> segments;  // "{id}" is kept in its braces
    std::vector<Route> routes;
  };

  void add(std::string_view path, Route route);

  std::map<std::string, Path, std::less<>> plain_;  // without braces: found by name
  std::vector<Path> patterns_;                      // in the order they were added
  std::optional<Route> otherwise_;
};

}  // namespace stepback::http
