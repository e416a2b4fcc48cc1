// SPDX-License-Identifier: Apache-2.0
// The loop against a server that speaks the platform's side of it.
#include "entry/lambda/runtime.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "http/server.hpp"

namespace stepback {
namespace {

class Platform : public testing::Test {
 protected:
  Platform() {
    http::Routes routes;
    routes.handle(http::Method::get, "/2018-06-01/runtime/invocation/next",
                  [this](const http::Request&) { return next(); });
    const auto keep = [this](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      told_.push_back(request.path + " " + request.body);
      return http::Response{.status = 202};
    };
    routes.handle(http::Method::post, "/2018-06-01/runtime/invocation/{id}/response", keep);
    routes.handle(http::Method::post, "/2018-06-01/runtime/invocation/{id}/error", keep);
    routes.handle(http::Method::post, "/2018-06-01/runtime/init/error", keep);
    server_ = http::Server::start({}, std::move(routes), log_).value();
  }
  ~Platform() override { server_->stop(seconds(1)); }
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  http::Response next() {
    const std::lock_guard lock(mutex_);
    if (events_.empty()) return http::Response{.status = 410};  // the platform ends
    http::Response response{.status = 200};
    response.headers.add("Lambda-Runtime-Aws-Request-Id", fmt::format("r-{}", events_.size()));
    response.headers.add("Lambda-Runtime-Deadline-Ms", "1769500000000");
    response.body = events_.front();
    events_.pop_front();
    return response;
  }
  std::string address() const { return fmt::format("127.0.0.1:{}", server_->port()); }

  const SystemClock clock_;
  const Log log_{clock_, {}, [](std::string_view) {}};
  std::mutex mutex_;  // guards the two below
  std::deque<std::string> events_;
  std::vector<std::string> told_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(Platform, GetsAnAnswerForEachInvocationUntilItEnds) {
  events_ = {"one", "two"};
  Runtime runtime(address(), log_);
  std::vector<Invocation> seen;
  const auto end = runtime.serve([&](const Invocation& invocation) -> Result<std::string> {
    seen.push_back(invocation);
    return "\"" + invocation.body + "\"";
  });
  EXPECT_EQ(end.code, Code::corrupt);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].id, "r-2");
  EXPECT_EQ(seen[0].deadline, Instant{1'769'500'000'000});
  EXPECT_EQ(told_,
            (std::vector<std::string>{"/2018-06-01/runtime/invocation/r-2/response \"one\"",
                                      "/2018-06-01/runtime/invocation/r-1/response \"two\""}));
}

TEST_F(Platform, IsToldThatAnInvocationFailedAndWhy) {
  events_ = {"one"};
  Runtime runtime(address(), log_);
  const auto end = runtime.serve([](const Invocation&) -> Result<std::string> {
    return fail(Code::unavailable, "the table says \"no\"");
  });
  EXPECT_EQ(end.code, Code::corrupt);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0],
            R"(/2018-06-01/runtime/invocation/r-1/error {"errorMessage":"the table says \"no\"",)"
            R"("errorType":"unavailable","stackTrace":[]})");
}

TEST_F(Platform, IsToldThatTheFunctionCannotStart) {
  Runtime(address(), log_).refuse_to_start({Code::invalid, "stepback.yaml:3:5: no"});
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_NE(told_[0].find("stepback.yaml:3:5"), std::string::npos);
}

TEST(Runtime, EndsWhenThePlatformIsGone) {
  const SystemClock clock;
  const Log log(clock, {}, [](std::string_view) {});
  Runtime runtime("127.0.0.1:1", log);
  const auto end = runtime.serve([](const Invocation&) -> Result<std::string> { return "never"; });
  EXPECT_EQ(end.code, Code::unavailable);
}

}  // namespace
}  // namespace stepback
