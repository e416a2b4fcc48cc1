// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/github_notifier.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "base/json.hpp"
#include "base/log.hpp"
#include "http/server.hpp"
#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

Notice a_notice(NoticeKind kind) {
  return {.key = "rb-1/production/x",
          .kind = kind,
          .environment = {"production"},
          .rollback = RollbackId{"rb-1"},
          .current_version = {"3333333"},
          .target_version = {"2222222"},
          .at = {1'769'509'084'000},
          .reason = "alarm entered ALARM"};
}

// A repository's API: which deployments it has, and what was asked of it.
class GithubNotifierTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto answers = [this](const http::Request& request) { return answer(request); };
    http::Routes routes;
    routes.handle(http::Method::get, "/repos/a/b/deployments", answers);
    routes.handle(http::Method::post, "/repos/a/b/deployments", answers);
    routes.handle(http::Method::post, "/repos/a/b/deployments/42/statuses", answers);
    auto started = http::Server::start({}, std::move(routes), log_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = *std::move(started);
    WebhookConfig config{.subscription = {.name = "forge"},
                         .secret = Secret("token"),
                         .format = NoticeFormat::github};
    config.url =
        http::parse_url("http://127.0.0.1:" + std::to_string(server_->port()) + "/repos/a/b")
            .value();
    notifier_.emplace(std::move(config));
  }
  http::Response answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::string(http::name_of(request.method)) + " " + request.path +
                     (request.query.empty() ? "" : "?" + request.query));
    authorization_ = request.headers.find("Authorization").value_or("");
    bodies_.push_back(request.body);
    http::Response response{.status = status_};
    if (request.method == http::Method::get) {
      response.status = 200;
      response.body = made_ ? R"([{"id":42}])" : "[]";
    } else if (request.path.ends_with("/deployments")) {
      made_ = true;
      response.body = R"({"id":42})";
    } else {
      response.body = R"({"message":"no such thing"})";
    }
    return response;
  }
  json::Value body(std::size_t index) { return json::parse(bodies_.at(index)).value(); }

  HandClock clock_;
  Log log_{clock_, {.least = LogLevel::error}};
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::string> bodies_;
  std::string authorization_;
  bool made_ = false;
  int status_ = 201;
  std::unique_ptr<http::Server> server_;
  std::optional<GithubNotifier> notifier_;
};

TEST_F(GithubNotifierTest, MakesADeploymentOfTheOlderVersionAndSaysWhatBecameOfIt) {
  ASSERT_TRUE(notifier_->tell(a_notice(NoticeKind::rollback_started)));
  ASSERT_TRUE(notifier_->tell(a_notice(NoticeKind::rollback_completed)));
  EXPECT_EQ(asked_,
            (std::vector<std::string>{
                "GET /repos/a/b/deployments?environment=production&task=stepback%3Arb-1&per_page=1",
                "POST /repos/a/b/deployments", "POST /repos/a/b/deployments/42/statuses",
                "GET /repos/a/b/deployments?environment=production&task=stepback%3Arb-1&per_page=1",
                "POST /repos/a/b/deployments/42/statuses"}));
  EXPECT_EQ(authorization_, "Bearer token");
  EXPECT_EQ(body(1).at("ref"), "2222222");
  EXPECT_EQ(body(2).at("state"), "in_progress");
  EXPECT_EQ(body(4).at("state"), "success");
  EXPECT_EQ(body(4).at("auto_inactive"), true);
}

TEST_F(GithubNotifierTest, IsNotToldOfWhatIsNoDeployment) {
  for (const auto kind : {NoticeKind::brake_engaged, NoticeKind::approval_wanted,
                          NoticeKind::channel_test, NoticeKind::handed_back})
    ASSERT_TRUE(notifier_->tell(a_notice(kind)));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(GithubNotifierTest, SaysWhyItWasRefused) {
  status_ = 422;
  const auto refused = notifier_->tell(a_notice(NoticeKind::rollback_started));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
  status_ = 503;
  EXPECT_EQ(notifier_->tell(a_notice(NoticeKind::rollback_started)).error().code,
            Code::unavailable);
}

}  // namespace
}  // namespace stepback::local
