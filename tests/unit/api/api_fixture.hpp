// SPDX-License-Identifier: Apache-2.0
#pragma once

// The server's routes over a real connection, with the engine in a pretend world behind them. Each
// answer of the API is held against its description: its status must be one that is described
// there, and its body must be what is described for it.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/json.hpp"
#include "entry/api/api.hpp"
#include "entry/api/description.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "support/pretend_service.hpp"
#include "support/schema_check.hpp"

namespace stepback {

class Described {
 public:
  // Why this answer is not one of those that the description names; empty: it is.
  std::string complaint(std::string_view method, std::string_view target,
                        const http::Response& response) {
    const auto path = path_of(target);
    const auto* described = paths().if_contains(path);
    if (described == nullptr) return "no such path is described: " + path;
    const auto* operation = described->as_object().if_contains(method);
    if (operation == nullptr) return path + " has no " + std::string(method);
    const auto status = std::to_string(response.status);
    const auto where =
        "/paths/" + escaped(path) + "/" + std::string(method) + "/responses/" + status;
    if (!operation->at("responses").as_object().contains(status)) return where + " is missing";
    return complaint_of_body(where, response);
  }

 private:
  static std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) text += c == '/' ? "~1" : std::string(1, c);
    return text;
  }

  const json::Object& paths() const { return whole_.at("paths").as_object(); }

  std::string path_of(std::string_view target) const {
    auto text = std::string(target.substr(0, target.find('?')));
    if (!text.starts_with("/api/v1")) return text;
    text.erase(0, std::string_view("/api/v1").size());
    if (paths().contains(text)) return text;
    for (const auto& [path, described] : paths()) {
      if (fits(path, text)) return path;
    }
    return text;
  }

  static bool fits(std::string_view path, std::string_view text) {
    while (!path.empty() && !text.empty()) {
      const auto wanted = path.substr(0, path.find('/', 1));
      const auto found = text.substr(0, text.find('/', 1));
      if (!wanted.starts_with("/{") && wanted != found) return false;
      path.remove_prefix(wanted.size());
      text.remove_prefix(found.size());
    }
    return path.empty() && text.empty();
  }

  std::string complaint_of_body(const std::string& where, const http::Response& response) {
    auto pointer = where;
    const auto& described = whole_.at_pointer(pointer).as_object();
    if (const auto* reference = described.if_contains("$ref"))
      pointer = std::string(reference->as_string()).substr(1);
    const auto* content = whole_.at_pointer(pointer).as_object().if_contains("content");
    if (content == nullptr) return response.body.empty() ? "" : where + " has no content";
    const std::string type = response.type.substr(0, response.type.find(';'));
    if (!content->as_object().contains(type)) return where + " has no content of type " + type;
    if (!type.ends_with("json")) return {};
    const auto body = json::parse(response.body, {.bytes = longest});
    if (!body) return where + ": " + body.error().message;
    std::string all;
    for (const auto& each :
         check_.complaints(*body, pointer + "/content/" + escaped(type) + "/schema"))
      all += where + ": " + each + "\n";
    return all;
  }

  static constexpr std::size_t longest = std::size_t{16} * 1024 * 1024;
  json::Value whole_ = json::parse(api_description(), {.bytes = longest}).value();
  SchemaCheck check_{whole_};
};

class ApiTest : public ::testing::Test {
 public:
  ApiTest(const ApiTest&) = delete;
  ApiTest& operator=(const ApiTest&) = delete;

 protected:
  ApiTest() {
    service.deployed("production", "1111111", days(2));
    service.deployed("production", "2222222", minutes(5), false);
  }
  ~ApiTest() override {
    if (ingest) ingest->stop();
    if (server) server->stop(seconds(1));
  }

  void start(Ingest::Options options = {}, Live::Options following = {}) {
    auto& engine = service.engine();
    runner = engine.make_runner();
    ingest = std::make_unique<Ingest>(engine.intake, engine.clock, engine.log, std::move(options));
    topics = std::make_unique<Topics>(*ingest, engine.clock, engine.log, listening);
    access = std::make_unique<Access>(Access::Options{.open_to_others = open_to_others,
                                                      .service = "shop",
                                                      .tokens = [this] { return tokens; }},
                                      engine.clock, engine.log);
    orders = std::make_unique<Orders>(engine.query, engine.intake, engine.settings, engine.clock);
    proofs = std::make_unique<Proofs>(engine.query, engine.settings, engine.clock, engine.log);
    live = std::make_unique<Live>(engine, following);
    auto routes = api_routes({engine, *ingest, *topics, *runner, *access, *orders, *proofs, *live,
                              [this] { return usable; },
                              [](const std::string& command) -> Result<std::string> {
                                return "what " + command + " prints\n";
                              }});
    auto started = http::Server::start({}, std::move(routes), engine.log);
    ASSERT_TRUE(started) << started.error().message;
    server = *std::move(started);
  }

  http::Response ask(http::Method method, std::string_view target, std::string body = "",
                     http::Headers headers = {}) {
    http::Url url;
    url.host = "127.0.0.1";
    url.port = server->port();
    url.target = target;
    http::Client client;
    auto response = client.send({.method = method,
                                 .url = url,
                                 .headers = std::move(headers),
                                 .body = std::move(body),
                                 .most_bytes = std::size_t{4} * 1024 * 1024});
    EXPECT_TRUE(response) << response.error().message;
    if (!response) return {.status = 0};
    if (target.starts_with("/api/v1/")) check(method, target, *response);
    return *response;
  }
  http::Response get(std::string_view target) { return ask(http::Method::get, target); }
  http::Response send(std::string_view target, const json::Value& body,
                      http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return ask(http::Method::post, "/api/v1" + std::string(target), json::write(body),
               std::move(headers));
  }
  json::Object get_object(std::string_view target) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
    const auto value = json::parse(answer.body, {.bytes = std::size_t{4} * 1024 * 1024});
    return value && value->is_object() ? value->as_object() : json::Object{};
  }
  http::Response post_event(std::string body, http::Headers headers = {}) {
    return ask(http::Method::post, "/api/v1/events", std::move(body), std::move(headers));
  }

  // The alarm turns red, and this is what it sends.
  std::string event() {
    const auto at = to_rfc3339(service.alarm("production").at);
    return R"({"version":"0","id":"1","detail-type":"CloudWatch Alarm State Change",)"
           R"("source":"aws.cloudwatch","account":"123456789012","time":")" +
           at + R"(","region":"us-east-1","resources":[],"detail":{"alarmName":)" +
           R"("kiro-worker-production-errors","state":{"value":"ALARM","reason":"5 errors",)" +
           R"("timestamp":")" + at + R"("}}})";
  }

  cli::PretendService service;
  Result<> usable;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Ingest> ingest;
  std::unique_ptr<Topics> topics;
  Topics::Options listening;
  bool open_to_others = false;
  TokenRecords tokens;
  std::unique_ptr<Access> access;
  std::unique_ptr<Orders> orders;
  std::unique_ptr<Proofs> proofs;
  std::unique_ptr<Live> live;
  std::unique_ptr<http::Server> server;

 private:
  void check(http::Method method, std::string_view target, const http::Response& response) {
    std::string name;
    for (const char c : http::name_of(method)) name += static_cast<char>(c | 0x20);
    EXPECT_EQ(described_.complaint(name, target, response), "") << target << "\n" << response.body;
  }

  Described described_;
};

}  // namespace stepback
