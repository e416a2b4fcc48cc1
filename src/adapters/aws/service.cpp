// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/service.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "adapters/aws/http_date.hpp"
#include "adapters/aws/sigv4.hpp"

namespace stepback::aws {
namespace {

constexpr int full_budget = 500;
constexpr int most_attempts = 8;
constexpr Duration first_pause{50};
constexpr Duration longest_pause = seconds(5);
constexpr Duration clocks_may_differ = minutes(5);  // S3 bears fifteen
constexpr std::size_t longest_answer = std::size_t{16} * 1024 * 1024;

struct Meaning {
  std::string_view type;  // a part of the service's word
  Code code;
};
// The first that fits. What none fits is judged by its status.
constexpr std::array meanings{
    Meaning{"ConditionalCheckFailed", Code::conflict},
    Meaning{"TransactionCanceled", Code::conflict},
    Meaning{"TransactionConflict", Code::conflict},
    Meaning{"IdempotentParameterMismatch", Code::conflict},
    Meaning{"PreconditionFailed", Code::conflict},
    Meaning{"TransactionInProgress", Code::unavailable},
    Meaning{"Throttl", Code::unavailable},
    Meaning{"TooManyRequests", Code::unavailable},
    Meaning{"ProvisionedThroughputExceeded", Code::unavailable},
    Meaning{"RequestLimitExceeded", Code::unavailable},
    Meaning{"LimitExceeded", Code::unavailable},
    Meaning{"SlowDown", Code::unavailable},
    Meaning{"BandwidthLimitExceeded", Code::unavailable},
    Meaning{"RequestTimeout", Code::unavailable},
    Meaning{"PriorRequestNotComplete", Code::unavailable},
    Meaning{"AccessDenied", Code::denied},
    Meaning{"UnrecognizedClient", Code::denied},
    Meaning{"InvalidClientTokenId", Code::denied},
    Meaning{"SignatureDoesNotMatch", Code::denied},
    Meaning{"InvalidSignature", Code::denied},
    Meaning{"ExpiredToken", Code::denied},
    Meaning{"RequestExpired", Code::denied},
    Meaning{"RequestTimeTooSkewed", Code::denied},
    Meaning{"NotFound", Code::not_found},
    Meaning{"NoSuch", Code::not_found},
    Meaning{"DoesNotExist", Code::not_found},
};
constexpr std::array expired{"ExpiredToken", "RequestExpired", "UnrecognizedClient"};
constexpr std::array skewed{"RequestTimeTooSkewed", "InvalidSignature", "SignatureDoesNotMatch"};

bool contains_any(std::string_view text, const auto& words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

Code meaning_of(std::string_view type, int status) {
  const auto found = std::ranges::find_if(meanings, [&](const Meaning& meaning) {
    return type.find(meaning.type) != std::string_view::npos;
  });
  if (found != meanings.end()) return found->code;
  if (status >= 500 || status == 429) return Code::unavailable;
  if (status == 403 || status == 401) return Code::denied;
  if (status == 404) return Code::not_found;
  if (status == 409 || status == 412) return Code::conflict;
  return Code::invalid;
}

// "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" and "…Exception:http://…": the word.
std::string plain_type(std::string_view type) {
  if (const auto hash = type.rfind('#'); hash != std::string_view::npos)
    type.remove_prefix(hash + 1);
  return std::string(type.substr(0, type.find(':')));
}

void read_json_error(const http::Response& response, Refusal& refusal) {
  auto value = json::parse(response.body, {.bytes = longest_answer});
  if (!value || !value->is_object()) return;
  const json::Reader reader(*value);
  refusal.type = plain_type(reader.text_or("__type", "").value_or(""));
  for (const auto* name : {"message", "Message"})
    if (reader.has(name)) refusal.message = reader.text_or(name, "").value_or("");
  refusal.body = *std::move(value);
}

void read_xml_error(const http::Response& response, Refusal& refusal) {
  const auto xml = Xml::parse(response.body);
  if (!xml) return;
  const std::string path = xml->name() == "Error" ? "" : "Error/";
  refusal.type = xml->text(path + "Code");
  refusal.message = xml->text(path + "Message");
}

Refusal read_refusal(const http::Response& response) {
  Refusal refusal{.status = response.status};
  if (response.body.starts_with('<')) {
    read_xml_error(response, refusal);
  } else {
    read_json_error(response, refusal);
  }
  if (const auto type = response.headers.find("x-amzn-errortype"); type && refusal.type.empty())
    refusal.type = plain_type(*type);
  if (refusal.type.empty()) refusal.type = fmt::format("status {}", response.status);
  refusal.code = meaning_of(refusal.type, response.status);
  return refusal;
}

// A HEAD is refused without a word. Of the reasons, two can be helped by signing anew.
void guess_reason(const http::Call& call, const http::Response& response, Instant signed_at,
                  Refusal& refusal) {
  if (call.method != http::Method::head || !refusal.type.starts_with("status ")) return;
  const auto theirs = parse_http_date(response.headers.find("Date").value_or(""));
  const auto off = theirs ? *theirs - signed_at : Duration(0);
  const bool is_skewed = off > clocks_may_differ || off < -clocks_may_differ;
  if (refusal.status == 403 && is_skewed) refusal.type = "RequestTimeTooSkewed";
  if (refusal.status == 400) refusal.type = "ExpiredToken";
  refusal.code = meaning_of(refusal.type, refusal.status);
}

Refusal no_answer(const Error& error) {
  return {.code = error.code, .type = "no answer", .message = error.message};
}

// S3 sends its 200 before a copy is made, and what went wrong after it.
bool is_late_error(const http::Call& call, const http::Response& response) {
  if (call.method == http::Method::get || !response.body.starts_with('<')) return false;
  const auto xml = Xml::parse(response.body);
  return xml && xml->name() == "Error";
}

std::string endpoint_of(const Dialect& dialect, const Connection& connection) {
  std::string name = "AWS_ENDPOINT_URL_";
  for (const char c : dialect.id)
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  for (const auto& each : {name, std::string("AWS_ENDPOINT_URL")}) {
    const auto found = connection.variables.find(each);
    if (found != connection.variables.end() && !found->second.empty()) return found->second;
  }
  const bool in_china = connection.region.starts_with("cn-");
  return fmt::format("https://{}.{}.amazonaws.com{}", dialect.id, connection.region,
                     in_china ? ".cn" : "");
}

std::string signing_name(const Dialect& dialect) {
  return std::string(dialect.signing.empty() ? dialect.id : dialect.signing);
}

}  // namespace

Error to_error(const Refusal& refusal) {
  if (refusal.status == 0) return {refusal.code, refusal.message};
  return {refusal.code, refusal.type + (refusal.message.empty() ? "" : ": " + refusal.message)};
}

Result<std::unique_ptr<Service>> Service::make(const Dialect& dialect, Connection& connection,
                                               Random random) {
  if (connection.region.empty())
    return fail(Code::invalid, "no AWS region: set AWS_REGION, or region in the profile");
  auto endpoint = TRY(http::parse_url(endpoint_of(dialect, connection)));
  return std::unique_ptr<Service>(new Service(dialect, connection, std::move(endpoint), random));
}

Answer<json::Value> Service::call(std::string_view operation, const json::Value& parameters,
                                  Repeat repeat) {
  http::Call call{.method = http::Method::post};
  call.url.target = "/";
  call.headers.add("Content-Type", fmt::format("application/x-amz-json-{}", dialect_.version));
  call.headers.add("X-Amz-Target", fmt::format("{}.{}", dialect_.target, operation));
  call.body = json::write(parameters);
  const auto response = send(std::move(call), repeat);
  if (!response) return std::unexpected(response.error());
  if (response->body.empty()) return json::Value(json::Object());
  auto value = json::parse(response->body, {.bytes = longest_answer});
  if (!value)
    return std::unexpected(
        Refusal{.code = Code::corrupt,
                .status = response->status,
                .type = fmt::format("{}: {}", operation, value.error().message)});
  return *std::move(value);
}

Answer<Xml> Service::query(std::string_view action, const Parameters& parameters, Repeat repeat) {
  http::Call call{.method = http::Method::post};
  call.url.target = "/";
  call.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  call.body = fmt::format("Action={}&Version={}", action, dialect_.version);
  for (const auto& [name, value] : parameters)
    call.body += '&' + encode(name) + '=' + encode(value);
  const auto response = send(std::move(call), repeat);
  if (!response) return std::unexpected(response.error());
  auto xml = Xml::parse(response->body);
  if (!xml)
    return std::unexpected(Refusal{.code = Code::corrupt,
                                   .status = response->status,
                                   .type = fmt::format("{}: {}", action, xml.error().message)});
  return *std::move(xml);
}

Answer<http::Response> Service::send(http::Call call, Repeat repeat) {
  const auto target = call.url.target;
  call.url = endpoint_;
  call.url.target = target;
  call.most_bytes = std::max(call.most_bytes, longest_answer);
  const auto end = connection_.clock.steady() + connection_.patience;
  for (int tries = 1;; ++tries) {
    auto answer = attempt(call);
    if (answer) {
      const std::lock_guard lock(mutex_);
      budget_ = std::min(budget_ + 1, full_budget);
      return answer;
    }
    if (tries == most_attempts || !may_try_again(answer.error(), repeat)) return answer;
    const auto pause = pause_before(tries);
    if (connection_.clock.steady() + pause >= end || !connection_.waiter.wait(pause)) return answer;
  }
}

Answer<http::Response> Service::attempt(const http::Call& call) {
  const auto credentials = connection_.credentials.get();
  if (!credentials) return std::unexpected(no_answer(credentials.error()));
  Scope scope{.region = connection_.region, .service = signing_name(dialect_)};
  {
    const std::lock_guard lock(mutex_);
    scope.at = connection_.clock.now() + clock_is_off_;
  }
  http::Call signed_call = call;
  sign_call(signed_call, *credentials, scope);
  auto response = connection_.send(signed_call);
  if (!response) return std::unexpected(no_answer(response.error()));
  if (response->status / 100 == 2) {
    if (!is_late_error(call, *response)) return *std::move(response);
    response->status = 500;
  }
  auto refusal = read_refusal(*response);
  guess_reason(call, *response, scope.at, refusal);
  learn(refusal, *response);
  return std::unexpected(std::move(refusal));
}

// What a refusal teaches for the next attempt.
void Service::learn(const Refusal& refusal, const http::Response& response) {
  if (refusal.code == Code::unavailable) slowed_down_.fetch_add(1, std::memory_order_relaxed);
  if (contains_any(refusal.type, expired)) connection_.credentials.forget();
  if (!contains_any(refusal.type, skewed)) return;
  const auto theirs = parse_http_date(response.headers.find("Date").value_or(""));
  if (!theirs) return;
  const std::lock_guard lock(mutex_);
  clock_is_off_ = *theirs - connection_.clock.now();
}

bool Service::may_try_again(const Refusal& refusal, Repeat repeat) {
  const bool once_more = contains_any(refusal.type, expired) || contains_any(refusal.type, skewed);
  const bool unclear = refusal.status == 0 && refusal.code != Code::not_found;
  if (!once_more && !is_retriable(refusal.code)) return false;
  if (unclear && repeat == Repeat::never) return false;
  const std::lock_guard lock(mutex_);
  const int price = refusal.code == Code::timeout ? 10 : 5;
  if (budget_ < price) return false;
  // Signing anew helps at once or never.
  budget_ -= once_more ? full_budget / 5 : price;
  return true;
}

Duration Service::pause_before(int attempt) {
  auto most = first_pause * (1 << std::min(attempt, 10));
  most = std::min<Duration>(most, longest_pause);
  const std::lock_guard lock(mutex_);
  return Duration(
      1 + static_cast<Duration::rep>(random_.below(static_cast<std::uint64_t>(most.count()))));
}

}  // namespace stepback::aws
