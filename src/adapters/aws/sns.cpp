// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/sns.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"

namespace stepback::aws {
namespace {

constexpr std::size_t longest_message = std::size_t{256} * 1024;
constexpr std::size_t longest_subject = 99;

bool is_a_subject(std::string_view text) {
  return !text.empty() && text.size() <= longest_subject &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

void add_attribute(Service::Parameters& parameters, int number, std::string_view name,
                   std::string value) {
  const auto key = fmt::format("MessageAttributes.entry.{}.", number);
  parameters.emplace_back(key + "Name", name);
  parameters.emplace_back(key + "Value.DataType", "String");
  parameters.emplace_back(key + "Value.StringValue", std::move(value));
}

}  // namespace

Result<> SnsNotifier::tell(const Notice& notice) {
  const auto topic = fill_in(config_.topic, {{"environment", notice.environment.name}});
  const auto subject = subject_of(notice);
  ENSURE(is_a_subject(subject));
  auto message = json_of(notice, config_.style);
  if (message.size() > longest_message)
    return fail(Code::invalid, fmt::format("{} is {} bytes, and a message has at most {}",
                                           notice.key, message.size(), longest_message));
  Service::Parameters parameters{
      {"TopicArn", topic}, {"Subject", subject}, {"Message", std::move(message)}};
  add_attribute(parameters, 1, "event", event_of(notice));
  add_attribute(parameters, 2, "environment", notice.environment.name);
  add_attribute(parameters, 3, "severity", std::string(name_of(notice.severity)));
  if (topic.ends_with(".fifo")) {
    parameters.emplace_back("MessageGroupId", notice.environment.name);
    parameters.emplace_back("MessageDeduplicationId", sha256_hex(notice.key));
  }
  const auto answer = service_.query("Publish", parameters);
  if (!answer) return fail(to_error(answer.error()).during("publishing to " + topic));
  return {};
}

}  // namespace stepback::aws
