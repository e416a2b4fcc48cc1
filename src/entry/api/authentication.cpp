// SPDX-License-Identifier: Apache-2.0
#include "entry/api/authentication.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/digest.hpp"

namespace stepback {
namespace {

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view signature_header = "Stepback-Signature";
constexpr std::size_t most_signatures = 8;
constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

struct Signature {
  std::string_view time_text;  // as it was signed
  Instant time;
  std::vector<std::string_view> versions;
};

bool read_time(std::string_view text, Signature& signature) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (number < 0 || number > last_second || !signature.time_text.empty()) return false;
  signature.time_text = text;
  signature.time = Instant{number * 1000};
  return true;
}

// "t=1772444477,v1=5257a8..."; other kinds than v1 are somebody's later version, and looked past.
std::optional<Signature> signature_in(std::string_view header) {
  Signature signature;
  while (!header.empty()) {
    const auto item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(item.size() + 1, header.size()));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = item.substr(0, equals);
    const auto value = item.substr(equals + 1);
    if (key == "t" && !read_time(value, signature)) return std::nullopt;
    if (key != "v1") continue;
    if (signature.versions.size() == most_signatures) return std::nullopt;
    signature.versions.push_back(value);
  }
  if (signature.time_text.empty() || signature.versions.empty()) return std::nullopt;
  return signature;
}

}  // namespace

bool Authentication::has_token(const http::Request& request) const {
  if (!options_.token) return false;
  const auto header = request.headers.find("Authorization");
  if (!header || !header->starts_with(bearer)) return false;
  return equal_in_constant_time(header->substr(bearer.size()), options_.token->reveal());
}

Result<> Authentication::check_signature(std::string_view header, std::string_view body) const {
  const auto signature = signature_in(header);
  if (!signature) return fail(Code::denied, "the signature is not of the form t=UNIX,v1=HEX");
  const auto now = clock_.now();
  if (signature->time < now - options_.window || signature->time > now + options_.window) {
    return fail(Code::denied, "the signature's time is not within five minutes of ours");
  }
  std::string text(signature->time_text);
  text += '.';
  text += body;
  // All are compared, so that the time taken does not tell which secret is used.
  bool is_good = false;
  for (const auto& secret : options_.secrets) {
    const auto expected = to_hex(hmac_sha256(secret.reveal(), text));
    for (const auto& version : signature->versions) {
      if (equal_in_constant_time(version, expected)) is_good = true;
    }
  }
  if (is_good) return {};
  return fail(Code::denied, "the signature is not of this body by a secret that is known here");
}

Result<> Authentication::check(const http::Request& request) const {
  if (!options_.token && options_.secrets.empty()) return {};
  if (has_token(request)) return {};
  const auto header = request.headers.find(signature_header);
  if (!options_.secrets.empty() && header) return check_signature(*header, request.body);
  if (options_.secrets.empty())
    return fail(Code::denied, "a bearer token is needed to send events");
  if (options_.token)
    return fail(Code::denied, "a bearer token or a Stepback-Signature is needed to send events");
  return fail(Code::denied, "a Stepback-Signature is needed to send events");
}

}  // namespace stepback
