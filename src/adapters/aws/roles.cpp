// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/roles.hpp"

#include <fmt/core.h>

#include "adapters/aws/sigv4.hpp"
#include "adapters/aws/surroundings.hpp"
#include "base/json.hpp"
#include "base/xml.hpp"

namespace stepback::aws {
namespace {

constexpr std::string_view container_host = "http://169.254.170.2";
constexpr std::string_view instance_host = "http://169.254.169.254";
constexpr Duration local_patience = seconds(1);  // an endpoint on the same machine, or none at all

Result<http::Response> asked(http::Call call, const Surroundings& around, std::string_view whom) {
  auto response = around.send(call);
  if (!response) return fail(response.error().during("asking " + std::string(whom)));
  if (response->status != 200) {
    return fail(response->status >= 500 ? Code::unavailable : Code::denied,
                fmt::format("{} answered {}", whom, response->status));
  }
  return response;
}

// As an endpoint or a command prints them; the names differ a little between the two.
Result<Credentials> read_json(std::string_view text, std::string_view token_name,
                              std::string_view from) {
  const auto value = json::parse(text);
  // What it says may hold a secret: the error names the place only.
  if (!value) return fail(Code::corrupt, std::string(from) + " gave no JSON");
  const json::Reader reader(*value);
  auto key_id = reader.text("AccessKeyId");
  auto secret = reader.text("SecretAccessKey");
  const auto token = reader.text_or(token_name, "");
  const auto expires = reader.optional_instant("Expiration");
  if (!key_id || !secret || !token || !expires)
    return fail(Code::corrupt, std::string(from) + " gave no whole credentials");
  return Credentials{.key_id = *std::move(key_id),
                     .secret = Secret(*std::move(secret)),
                     .session_token = Secret(*token),
                     .expires_at = *expires,
                     .from = std::string(from)};
}

Result<http::Call> sts_call(const Role& role, const Surroundings& around, std::string form) {
  auto endpoint = fmt::format("https://sts.{}.amazonaws.com", role.region);
  for (const auto* name : {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"})
    if (const auto other = variable(around, name)) endpoint = *other;
  if (role.region.empty()) endpoint = "https://sts.amazonaws.com";
  http::Call call;
  call.method = http::Method::post;
  call.url = TRY(http::parse_url(endpoint));
  call.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  form += "&Version=2011-06-15&RoleArn=" + encode(role.arn);
  form += "&RoleSessionName=" + encode(role.session_name);
  if (!role.seconds.empty()) form += "&DurationSeconds=" + encode(role.seconds);
  call.body = std::move(form);
  return call;
}

Result<Credentials> read_sts(const http::Response& response, std::string_view action,
                             const Role& role) {
  const auto xml = TRY(Xml::parse(response.body));
  const auto path = std::string(action) + "Result/Credentials/";
  Credentials found{.key_id = xml.text(path + "AccessKeyId"),
                    .secret = Secret(xml.text(path + "SecretAccessKey")),
                    .session_token = Secret(xml.text(path + "SessionToken")),
                    .from = "role " + role.arn};
  found.expires_at = TRY(parse_rfc3339(xml.text(path + "Expiration")));
  if (found.key_id.empty() || found.secret.empty())
    return fail(Code::corrupt, "STS gave no whole credentials for " + role.arn);
  return found;
}

}  // namespace

Result<Credentials> assume_role(const Role& role, const Credentials& by, const Surroundings& around,
                                Instant now) {
  std::string form = "Action=AssumeRole";
  if (!role.external_id.empty()) form += "&ExternalId=" + encode(role.external_id);
  auto call = TRY(sts_call(role, around, std::move(form)));
  sign_call(
      call, by,
      {.region = role.region.empty() ? "us-east-1" : role.region, .service = "sts", .at = now});
  const auto response = TRY(asked(std::move(call), around, "STS for the role " + role.arn));
  return read_sts(response, "AssumeRole", role);
}

Result<Credentials> assume_role_with_web_identity(const Role& role, const std::string& token,
                                                  const Surroundings& around) {
  auto call = TRY(
      sts_call(role, around, "Action=AssumeRoleWithWebIdentity&WebIdentityToken=" + encode(token)));
  const auto response = TRY(asked(std::move(call), around, "STS for the role " + role.arn));
  return read_sts(response, "AssumeRoleWithWebIdentity", role);
}

Result<Credentials> of_container(const Surroundings& around) {
  std::string address;
  if (const auto path = variable(around, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
    address = std::string(container_host) + *path;
  else if (const auto whole = variable(around, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    address = *whole;
  else
    return fail(Code::not_found, "no container");
  http::Call call{.url = TRY(http::parse_url(address)), .within = local_patience};
  auto token = variable(around, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto file = variable(around, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
    token = TRY(around.read_file(*file));
  if (token) call.headers.add("Authorization", *token);
  const auto response = TRY(asked(std::move(call), around, "the container's endpoint"));
  return read_json(response.body, "Token", "the container");
}

Result<Credentials> of_instance(const Surroundings& around) {
  const auto disabled = variable(around, "AWS_EC2_METADATA_DISABLED");
  if (disabled && *disabled == "true") return fail(Code::not_found, "no instance");
  const auto host =
      variable(around, "AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or(std::string(instance_host));
  const auto call_to = [&](http::Method method, const std::string& path) -> Result<http::Call> {
    auto url = TRY(http::parse_url(host + path));
    return http::Call{.method = method, .url = std::move(url), .within = local_patience};
  };
  auto first = TRY(call_to(http::Method::put, "/latest/api/token"));
  first.headers.add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  const auto session = around.send(first);
  if (!session) return fail(Code::not_found, "no instance");  // nobody lives at that address
  const auto ask = [&](const std::string& path) -> Result<std::string> {
    auto call = TRY(call_to(http::Method::get, path));
    call.headers.add("X-aws-ec2-metadata-token", session->body);
    return TRY(asked(std::move(call), around, "the instance's endpoint")).body;
  };
  const std::string folder = "/latest/meta-data/iam/security-credentials/";
  const auto role = TRY(ask(folder));
  return read_json(TRY(ask(folder + encode(role.substr(0, role.find('\n'))))), "Token",
                   "the instance");
}

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < line.size();
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      begun = true;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (begun) words.push_back(std::exchange(word, ""));
      begun = false;
    } else {
      word += escapes ? line[++i] : c;
      begun = true;
    }
  }
  if (quote != 0) return fail(Code::invalid, "a quote is not closed");
  if (begun) words.push_back(std::move(word));
  return words;
}

Result<Credentials> of_command(const std::string& line, const Surroundings& around) {
  const auto words = split_words(line);
  if (!words || words->empty()) return fail(Code::invalid, "credential_process is no command");
  const auto printed = around.run(*words);
  if (!printed) return fail(Code::denied, words->front() + ": " + printed.error().message);
  return read_json(*printed, "SessionToken", words->front());
}

}  // namespace stepback::aws
