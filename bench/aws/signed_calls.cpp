// SPDX-License-Identifier: Apache-2.0
// bench-signed-calls COUNT TABLE PARTITION SORT: so many GetItem calls, one after the other, on one
// connection that is kept, through the product's own client. Prints a document with the median.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "adapters/aws/dynamodb.hpp"

namespace stepback::bench {
namespace {

class NoWaiter final : public Waiter {
 public:
  bool wait(Duration) override { return false; }  // a call that must be repeated is no measurement
};

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "bench-signed-calls: {}\n", why);
  std::exit(1);
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

int measure(int count, const std::string& table_name, const aws::Key& key) {
  const SystemClock clock;
  NoWaiter waiter;
  http::Client client({.authorities = variable("AWS_CA_BUNDLE")});
  const auto send = [&](const http::Call& call) { return client.send(call); };
  aws::CredentialSource credentials(
      {.variables = {{"AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID")},
                     {"AWS_SECRET_ACCESS_KEY", variable("AWS_SECRET_ACCESS_KEY")}},
       .home = "",
       .read_file = [](const std::string& path) -> Result<std::string> {
         return fail(Code::not_found, path);
       },
       .run = nullptr,
       .send = send,
       .profile = ""},
      clock);
  aws::Connection connection{.send = send,
                             .credentials = credentials,
                             .region = "us-east-1",
                             .clock = clock,
                             .waiter = waiter,
                             .variables = {{"AWS_ENDPOINT_URL", variable("AWS_ENDPOINT_URL")}}};
  auto service = aws::Service::make(aws::DynamoDb::dialect, connection, Random(1));
  if (!service) give_up(service.error().message);
  aws::DynamoDb table(**service, table_name);
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto item = table.get(key);
    if (!item) give_up(item.error().message);
    if (!*item) give_up("there is no such item");
    took.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::ranges::sort(took);
  fmt::print("{{\"median_us\":{:.2f}}}\n", took[took.size() / 2]);
  return 0;
}

}  // namespace
}  // namespace stepback::bench

int main(int count, char** words) {
  int calls = 0;
  if (count == 5) {
    const std::string_view text = words[1];
    std::from_chars(text.data(), text.data() + text.size(), calls);
  }
  if (calls < 1) stepback::bench::give_up("usage: bench-signed-calls COUNT TABLE PARTITION SORT");
  return stepback::bench::measure(calls, words[2], {words[3], words[4]});
}
