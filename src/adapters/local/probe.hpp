// SPDX-License-Identifier: Apache-2.0
#pragma once

// One question to a service over HTTP, timed: what health checks, probe alarms and the live version
// have in common. Each question opens a connection of its own, as a new user does, and follows no
// redirect. Usable from any thread.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace stepback::local {

struct Answer {
  int status = 0;
  std::string body;
  Duration took{};
};

// Errors are those of http::Client; invalid also where `url` is none. An answer that is larger than
// a megabyte is one of them.
Result<Answer> ask(std::string_view url, Duration within, const Clock& clock);

// What a JSON pointer ("/checks/0/state") leads to in a body; an empty one means all of it.
// invalid: the body is not JSON, or there is nothing at that place.
Result<json::Value> at_pointer(std::string_view body, std::string_view pointer);

// Carries out `work(0)` to `work(count - 1)` on a few threads, and returns when all are done.
void side_by_side(const std::string& name, std::size_t count,
                  const std::function<void(std::size_t)>& work);

}  // namespace stepback::local
