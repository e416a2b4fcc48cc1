// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/github_notifier.hpp"

#include <fmt/core.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/github.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{1024} * 1024;
constexpr int refused_too_often = 429;

Result<> judge(const http::Response& answer, const std::string& origin) {
  if (answer.status >= 200 && answer.status < 300) return {};
  Code code = Code::invalid;
  if (answer.status >= 500 || answer.status == refused_too_often) code = Code::unavailable;
  if (answer.status == 401 || answer.status == 403) code = Code::denied;
  std::string why;
  if (const auto body = json::parse(answer.body))
    why = json::Reader(*body).text_or("message", "").value_or("");
  return fail(code, fmt::format("{} answered {}{}{}", origin, answer.status,
                                why.empty() ? "" : ": ", one_line(why, 200)));
}

// Letters, digits and what needs no escape stay.
std::string in_query(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace

GithubNotifier::GithubNotifier(WebhookConfig config)
    : config_(std::move(config)), client_(config_.client) {
  while (config_.url.target.ends_with('/')) config_.url.target.pop_back();
}

Result<http::Response> GithubNotifier::ask(http::Method method, const std::string& path,
                                           std::string body) {
  http::Call call{.method = method,
                  .url = config_.url,
                  .body = std::move(body),
                  .within = config_.within,
                  .most_bytes = most_answer_bytes};
  call.url.target += path;
  call.headers.add("Accept", "application/vnd.github+json");
  call.headers.add("X-GitHub-Api-Version", "2022-11-28");
  call.headers.add("User-Agent", "stepback");
  if (!call.body.empty()) call.headers.add("Content-Type", "application/json");
  if (!config_.secret.empty())
    call.headers.add("Authorization", "Bearer " + std::string(config_.secret.reveal()));
  auto answer = TRY(client_.send(call));
  TRY(judge(answer, config_.url.origin()));
  return answer;
}

Result<std::int64_t> GithubNotifier::find(const Notice& notice) {
  const auto answer =
      TRY(ask(http::Method::get,
              fmt::format("/deployments?environment={}&task={}&per_page=1",
                          in_query(notice.environment.name), in_query(github_task(notice))),
              ""));
  const auto list = TRY(json::parse(answer.body));
  const auto items = TRY(json::Reader(list).as_array());
  return items.empty() ? Result<std::int64_t>(0) : items.front().integer("id");
}

Result<std::int64_t> GithubNotifier::create(const Notice& notice) {
  const auto body = github_deployment(notice, config_.style);
  const auto answer = TRY(ask(http::Method::post, "/deployments", body.value_or("")));
  const auto made = TRY(json::parse(answer.body));
  return json::Reader(made).integer("id");
}

Result<> GithubNotifier::tell(const Notice& notice) {
  auto status = github_status(notice, config_.style);
  if (!status) return {};
  auto deployment = TRY(find(notice));
  if (deployment == 0) deployment = TRY(create(notice));
  TRY(ask(http::Method::post, fmt::format("/deployments/{}/statuses", deployment),
          *std::move(status)));
  return {};
}

}  // namespace stepback::local
