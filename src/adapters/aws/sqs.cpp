// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/sqs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace stepback::aws {
namespace {

constexpr std::int64_t longest_delay = 900;

// Two words for one thing: the JSON service's, and that of the query service it was.
bool is_missing(const Refusal& refusal) {
  return refusal.code == Code::not_found || refusal.type.contains("NonExistentQueue");
}

Error error_of(const Refusal& refusal, const std::string& name) {
  if (is_missing(refusal)) return {Code::not_found, "there is no queue " + name};
  return to_error(refusal).during("queue " + name);
}

// Rounded up: not before it is due.
std::int64_t whole_seconds(Duration delay) {
  const auto up = (delay.count() + 999) / 1000;
  return std::clamp<std::int64_t>(up, 0, longest_delay);
}

}  // namespace

Result<std::string> WorkQueue::url_of(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = urls_.find(name); known != urls_.end()) return known->second;
  }
  const auto answer = service_.call("GetQueueUrl", json::Object{{"QueueName", name}});
  if (!answer) return fail(error_of(answer.error(), name));
  auto url = TRY(json::Reader(*answer).text("QueueUrl"));
  const std::lock_guard lock(mutex_);
  urls_[name] = url;
  return url;
}

// A queue that was deleted and made anew may have another address.
Answer<json::Value> WorkQueue::call(const std::string& name, std::string_view operation,
                                    json::Object parameters) {
  auto answer = service_.call(operation, parameters);
  if (!answer && is_missing(answer.error())) {
    const std::lock_guard lock(mutex_);
    urls_.erase(name);
  }
  return answer;
}

Result<> WorkQueue::send(const Environment& environment, const RollbackId& rollback, Duration delay,
                         const std::string& text) {
  const auto name = fill_in(config_.queue, {{"environment", environment.name}});
  json::Object id{{"DataType", "String"}, {"StringValue", rollback.text}};
  json::Object parameters{{"QueueUrl", TRY(url_of(name))},
                          {"MessageBody", text},
                          {"DelaySeconds", whole_seconds(delay)}};
  parameters["MessageAttributes"] = json::Object{{"rollback", std::move(id)}};
  const auto answer = call(name, "SendMessage", std::move(parameters));
  if (!answer) return fail(error_of(answer.error(), name));
  return {};
}

Result<std::int64_t> WorkQueue::dead_letters(const Environment& environment) {
  if (config_.dead_letters.empty()) return 0;
  constexpr std::string_view number = "ApproximateNumberOfMessages";
  const auto name = fill_in(config_.dead_letters, {{"environment", environment.name}});
  json::Object parameters{{"QueueUrl", TRY(url_of(name))}};
  parameters["AttributeNames"] = json::Array{json::Value(number)};
  const auto answer = call(name, "GetQueueAttributes", std::move(parameters));
  if (!answer) return fail(error_of(answer.error(), name));
  const auto attributes = TRY(json::Reader(*answer).object("Attributes"));
  const auto text = TRY(attributes.text(number));
  std::int64_t count = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (wrong != std::errc() || end != text.data() + text.size() || count < 0)
    return fail(attributes.wrong(number, "expected a number"));
  return count;
}

}  // namespace stepback::aws
