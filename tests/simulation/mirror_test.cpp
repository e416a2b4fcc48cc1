// SPDX-License-Identifier: Apache-2.0
// The same schedule of faults on every store: what the simulation commits, crash by crash, is
// committed to a durable store too, and both must tell the same story in the end. The one on
// DynamoDB has faults of its own on the way: throttled requests, answers that get lost after the
// request was carried out, requests that arrive twice.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "adapters/aws/store.hpp"
#include "adapters/sqlite/store.hpp"
#include "simulation/simulation.hpp"
#include "support/aws_endpoint.hpp"
#include "support/scratch.hpp"

namespace stepback::simulation {
namespace {

struct Totals {
  int rollbacks = 0;
  int crashes = 0;
};

void play(std::uint64_t seed, Mirror mirror, Totals& totals) {
  const auto report = run({.seed = seed, .mirror = mirror});
  for (const auto& violation : report.violations)
    ADD_FAILURE() << "seed " << seed << ": " << violation;
  totals.rollbacks += report.rollbacks;
  totals.crashes += report.crashes;
}

TEST(Mirror, OnSqliteTellsTheSameStory) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    testing::Scratch scratch;
    const auto store = SqliteStore::open({.path = scratch.file("store.db")}).value();
    play(seed, {store.get(), store.get()}, totals);
  }
  EXPECT_GT(totals.rollbacks, 10);
  EXPECT_GT(totals.crashes, 10);
}

class OnDynamo : public ::testing::Test {
 protected:
  OnDynamo() {
    endpoint.connection().patience = seconds(60);
    endpoint.send = [this](const http::Call& call) { return broken(call); };
  }

  Result<http::Response> broken(const http::Call& call) {
    const bool changes = call.headers.find("X-Amz-Target").value_or("").ends_with("WriteItems");
    if (changes && random.chance(100)) {
      ++throttled;
      http::Response refusal{.status = 400};
      refusal.body = R"({"__type":"ThrottlingException","message":"slower"})";
      return refusal;
    }
    if (changes && random.chance(60)) {
      ++doubled;
      (void)endpoint.reach(call);
    }
    auto answer = endpoint.reach(call);
    if (!changes || !random.chance(100)) return answer;
    ++lost;
    return fail(Code::timeout, "the answer was lost");
  }

  testing::AwsEndpoint endpoint;
  Random random{20260127};
  int throttled = 0;
  int doubled = 0;
  int lost = 0;
};

// Run by tests/aws, where there is an emulated account.
TEST_F(OnDynamo, TellsTheSameStory) {
  if (std::getenv("AWS_ENDPOINT_URL") == nullptr) GTEST_SKIP() << "no emulated account";
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const auto service = endpoint.service(aws::DynamoDb::dialect);
    aws::DynamoDb table(*service, fmt::format("mirror-{}", seed));
    ASSERT_TRUE(table.create());
    aws::DynamoStore store(table, {}, endpoint.clock, endpoint.waiter, Random(entropy()));
    play(seed, {&store, &store}, totals);
  }
  EXPECT_GT(totals.rollbacks, 5);
  fmt::print("{} rollbacks, {} crashes; {} requests throttled, {} doubled, {} answers lost\n",
             totals.rollbacks, totals.crashes, throttled, doubled, lost);
  EXPECT_GT(throttled, 10);
  EXPECT_GT(doubled, 10);
  EXPECT_GT(lost, 10);
}

}  // namespace
}  // namespace stepback::simulation
