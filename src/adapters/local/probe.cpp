// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/probe.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/ensure.hpp"
#include "base/pool.hpp"
#include "http/client.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t most_answer_bytes = 1024 * 1024;
constexpr std::size_t most_at_once = 8;  // they wait for the network, not for a processor

}  // namespace

Result<Answer> ask(std::string_view url, Duration within, const Clock& clock) {
  http::Call call;
  call.url = TRY(http::parse_url(url));
  call.within = within;
  call.most_bytes = most_answer_bytes;
  http::Client client({.idle = 0, .authorities = {}, .name_servers = {}});
  const Duration began = clock.steady();
  auto response = TRY(client.send(call));
  return Answer{response.status, std::move(response.body), clock.steady() - began};
}

Result<json::Value> at_pointer(std::string_view body, std::string_view pointer) {
  const auto value = json::parse(body, {.bytes = most_answer_bytes, .depth = 32});
  if (!value) return fail(Code::invalid, "the answer is not JSON: " + value.error().message);
  boost::system::error_code error;
  const json::Value* found = value->find_pointer(pointer, error);
  if (found == nullptr) {
    return fail(Code::invalid, fmt::format("the answer has nothing at {}", one_line(pointer, 100)));
  }
  return *found;
}

void side_by_side(const std::string& name, std::size_t count,
                  const std::function<void(std::size_t)>& work) {
  if (count == 1) return work(0);
  if (count == 0) return;
  Pool pool(name, {.threads = std::min(count, most_at_once), .waiting = count});
  for (std::size_t i = 0; i < count; ++i) {
    const bool taken = pool.submit([&work, i] { work(i); });
    ENSURE(taken);
  }
  pool.stop();
}

}  // namespace stepback::local
