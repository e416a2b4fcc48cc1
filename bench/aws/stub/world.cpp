// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <openssl/evp.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cbor.hpp"

namespace stub {
namespace {

namespace json = boost::json;

constexpr std::string_view account = "123456789012";
constexpr std::string_view watching = "GraniteServiceVersion20100801";

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::string md5_of(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_md5(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += {digits[bytes[i] >> 4U], digits[bytes[i] & 15U]};
  return hex;
}

Answer unknown(std::string kind) {
  Answer answer{.kind = "unknown " + std::move(kind), .status = 400};
  answer.type = "application/x-amz-json-1.0";
  answer.body = R"({"__type":"UnknownOperationException","message":"the stub has no such call"})";
  return answer;
}

Answer plain(std::string body) {
  Answer answer;
  answer.type = "text/plain";
  answer.body = std::move(body);
  return answer;
}

std::string in_result(const std::string& action, std::string_view place, const std::string& inner) {
  return "<" + action + "Response xmlns=\"" + std::string(place) + "\"><" + action + "Result>" +
         inner + "</" + action + "Result><ResponseMetadata><RequestId>1</RequestId>" +
         "</ResponseMetadata></" + action + "Response>";
}

}  // namespace

Answer World::answer(const Request& request) {
  if (!is_s3_write(request)) return dispatch(request);
  const auto now = std::chrono::steady_clock::now();
  const bool refused = too_fast(now);
  meter_.written(!refused, now);
  if (!refused) return dispatch(request);
  auto answer = s3_refusal(503, "SlowDown", "Please reduce your request rate.");
  answer.kind = "s3 SlowDown";
  return answer;
}

bool World::too_fast(Moment now) {
  if (rate_ <= 0) return false;
  const std::chrono::duration<double> passed = now - counted_at_;
  counted_at_ = now;
  left_ = std::min(burst(), left_ + passed.count() * rate_);
  if (left_ < 1) return true;
  left_ -= 1;
  return false;
}

Answer World::dispatch(const Request& request) {
  if (const auto target = request.header("x-amz-target"); !target.empty())
    return of_json(request, target);
  if (request.path.starts_with("/service/")) {
    const auto at = request.path.rfind('/') + 1;
    Answer answer{.kind = "monitoring " + request.path.substr(at), .type = "application/cbor"};
    answer.headers = "smithy-protocol: rpc-v2-cbor\r\n";
    answer.body = to_cbor(watch(request.path.substr(at), from_cbor(request.body).as_object()));
    return answer;
  }
  if (request.path == "/" && request.method == "POST") return of_form(request);
  return state_.s3.answer(request);
}

Answer World::of_json(const Request& request, std::string_view target) {
  const auto dot = std::min(target.find('.'), target.size());
  const auto service = target.substr(0, dot);
  const auto operation = target.substr(std::min(dot + 1, target.size()));
  if (service.starts_with("DynamoDB")) return state_.dynamo.answer(operation, request);
  const bool watched = service == watching;
  if (!watched && service != "AmazonSQS") return unknown(std::string(target));
  Answer answer{.kind = (watched ? "monitoring " : "sqs ") + std::string(operation),
                .type = "application/x-amz-json-1.0"};
  const auto asked = json::parse(request.body).as_object();
  const auto result = watched ? watch(operation, asked) : queue(operation, asked);
  if (result.contains("__type")) answer.status = 400;
  answer.body = json::serialize(result);
  return answer;
}

json::object World::watch(std::string_view operation, const json::object& asked) {
  if (operation == "PutMetricAlarm") {
    json::object alarm = asked;
    alarm["StateValue"] = "OK";
    alarm["StateUpdatedTimestamp"] = 1'769'500'000;
    alarm["StateTransitionedTimestamp"] = 1'769'500'000;
    state_.alarms[text_at(asked, "AlarmName")] = std::move(alarm);
    return {};
  }
  if (operation == "SetAlarmState") {
    state_.alarms[text_at(asked, "AlarmName")]["StateValue"] = text_at(asked, "StateValue");
    return {};
  }
  if (operation != "DescribeAlarms") return {{"__type", "UnknownOperationException"}};
  const auto prefix = text_at(asked, "AlarmNamePrefix");
  const auto state = text_at(asked, "StateValue");
  const auto* names = asked.if_contains("AlarmNames");
  json::array alarms;
  for (const auto& [name, alarm] : state_.alarms) {
    if (!name.starts_with(prefix)) continue;
    if (!state.empty() && text_at(alarm, "StateValue") != state) continue;
    if (names != nullptr && names->is_array() && !names->as_array().empty() &&
        std::ranges::find(names->as_array(), json::value(name)) == names->as_array().end())
      continue;
    alarms.push_back(alarm);
  }
  return {{"MetricAlarms", std::move(alarms)}, {"CompositeAlarms", json::array()}};
}

json::object World::queue(std::string_view operation, const json::object& asked) {
  if (operation == "GetQueueUrl")
    return {
        {"QueueUrl", address_ + "/" + std::string(account) + "/" + text_at(asked, "QueueName")}};
  if (operation != "SendMessage") return {{"__type", "UnknownOperationException"}};
  state_.messages.push_back(json::serialize(asked));
  return {{"MessageId", "94f20ce6-13c5-43a0-9a9e-ca52d816e90b"},
          {"MD5OfMessageBody", md5_of(text_at(asked, "MessageBody"))}};
}

Answer World::of_form(const Request& request) {
  json::object asked;
  for (const auto& [name, value] : read_pairs(request.body)) asked[name] = value;
  const auto action = text_at(asked, "Action");
  Answer answer{.kind = "query " + action, .type = "text/xml"};
  if (action == "Publish") {
    if (text_at(asked, "Message").empty()) return unknown("sns Publish without Message");
    answer.kind = "sns Publish";
    state_.messages.push_back(json::serialize(asked));
    answer.body = in_result(action, "http://sns.amazonaws.com/doc/2010-03-31/",
                            "<MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId>");
  } else if (action == "GetCallerIdentity") {
    answer.kind = "sts GetCallerIdentity";
    answer.body = in_result(action, "https://sts.amazonaws.com/doc/2011-06-15/",
                            "<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>A</UserId>"
                            "<Account>123456789012</Account>");
  } else if (action == "DescribeAlarms") {
    answer.kind = "monitoring DescribeAlarms";
    std::string members;
    const auto found = watch(action, asked);
    for (const auto& alarm : found.at("MetricAlarms").as_array())
      members += "<member><AlarmName>" + in_xml(text_at(alarm.as_object(), "AlarmName")) +
                 "</AlarmName><StateValue>" + text_at(alarm.as_object(), "StateValue") +
                 "</StateValue></member>";
    answer.body = in_result(action, "http://monitoring.amazonaws.com/doc/2010-08-01/",
                            "<MetricAlarms>" + members + "</MetricAlarms>");
  } else {
    return unknown(action);
  }
  return answer;
}

Answer World::answer_admin(const Request& request) {
  if (!request.path.starts_with("/-/")) return dispatch(request);
  if (request.path == "/-/counts") return plain(meter_.document());
  const auto bucket = request.parameter("bucket").value_or("");
  if (request.path == "/-/objects" && request.method == "GET")
    return plain(state_.s3.listing(bucket, request.parameter("prefix").value_or("")));
  if (request.path == "/-/objects") {
    const std::string_view all = request.body;
    for (std::size_t at = 0; at < all.size();) {
      const auto end = std::min(all.find('\n', at), all.size());
      const auto line = all.substr(at, end - at);
      const auto tab = std::min(line.find('\t'), line.size());
      state_.s3.put(bucket, std::string(line.substr(0, tab)),
                    std::string(line.substr(std::min(tab + 1, line.size()))));
      at = end + 1;
    }
    return plain("");
  }
  if (request.path == "/-/messages") {
    std::string lines;
    for (const auto& message : state_.messages) lines += message + "\n";
    return plain(std::move(lines));
  }
  if (request.path == "/-/keep") {
    kept_ = state_;
    meter_.reset();
    return plain("");
  }
  if (request.path == "/-/restore" || request.path == "/-/forget") {
    if (request.path == "/-/forget") kept_ = State();
    state_ = kept_;
    left_ = burst();
    meter_.reset();
    return plain("");
  }
  return unknown(request.path);
}

}  // namespace stub
