// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/sigv4.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/digest.hpp"

namespace stepback::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
// What a proxy on the way may add, change or drop.
constexpr std::array<std::string_view, 11> not_signed{"connection",
                                                      "expect",
                                                      "keep-alive",
                                                      "proxy-authenticate",
                                                      "proxy-authorization",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "x-amzn-trace-id",
                                                      "user-agent"};

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Without white space at its ends, and with one space for each run of it inside.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const auto end = text.find(at, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

// Dots resolved, double slashes made one.
std::string normalised(std::string_view path) {
  if (path.empty()) return "/";
  std::vector<std::string_view> kept;
  for (const auto part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string out;
  for (const auto part : kept) (out += '/') += part;
  if (path.ends_with('/') || kept.empty()) out += '/';
  return out;
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const auto part : split(query, '&')) {
    const auto equals = part.find('=');
    pairs.emplace_back(part.substr(0, equals), equals == std::string_view::npos
                                                   ? std::string_view()
                                                   : part.substr(equals + 1));
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    ((out += name) += '=') += value;
  }
  return out;
}

std::map<std::string, std::string> headers_to_sign(const http::Headers& headers) {
  std::map<std::string, std::string> chosen;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    auto key = lower(name);
    if (std::ranges::find(not_signed, key) != not_signed.end()) continue;
    const auto [place, is_new] = chosen.try_emplace(std::move(key), squeezed(value));
    if (!is_new) place->second += "," + squeezed(value);
  }
  return chosen;
}

std::string_view bytes_of(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Sha256Digest signing_key(const Secret& secret, std::string_view day, const Scope& scope) {
  auto key = hmac_sha256("AWS4" + std::string(secret.reveal()), day);
  key = hmac_sha256(bytes_of(key), scope.region);
  key = hmac_sha256(bytes_of(key), scope.service);
  return hmac_sha256(bytes_of(key), "aws4_request");
}

}  // namespace

std::string encode(std::string_view text, Slash slash) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && slash == Slash::kept)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

std::string to_amz_date(Instant instant) {
  std::string out = to_rfc3339_seconds(instant);
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

Signed sign(http::Method method, std::string_view target, const http::Headers& headers,
            std::string_view payload_hash, const Credentials& credentials, const Scope& scope) {
  const auto mark = target.find('?');
  const auto path = target.substr(0, mark);
  const auto query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  std::string lines;
  std::string names;
  for (const auto& [name, value] : headers_to_sign(headers)) {
    lines += name + ':' + value + '\n';
    if (!names.empty()) names += ';';
    names += name;
  }
  Signed result;
  auto& request = result.canonical_request;
  (request += http::name_of(method)) += '\n';
  request += scope.service == "s3" ? std::string(path) : encode(normalised(path), Slash::kept);
  request += '\n' + canonical_query(query) + '\n' + lines + '\n' + names + '\n';
  request += payload_hash;
  const auto date = to_amz_date(scope.at);
  const auto day = date.substr(0, 8);
  const auto range = day + '/' + scope.region + '/' + scope.service + "/aws4_request";
  (result.string_to_sign += algorithm) += '\n';
  result.string_to_sign += date + '\n' + range + '\n' + sha256_hex(request);
  const auto key = signing_key(credentials.secret, day, scope);
  const auto signature = to_hex(hmac_sha256(bytes_of(key), result.string_to_sign));
  (result.authorization += algorithm) += " Credential=" + credentials.key_id + '/' + range;
  result.authorization += ", SignedHeaders=" + names + ", Signature=" + signature;
  return result;
}

void sign_call(http::Call& call, const Credentials& credentials, const Scope& scope) {
  const auto hash = sha256_hex(call.body);
  call.headers.add("Host", call.url.authority());
  call.headers.add("X-Amz-Date", to_amz_date(scope.at));
  if (!credentials.session_token.empty())
    call.headers.add("X-Amz-Security-Token", credentials.session_token.reveal());
  if (scope.service == "s3") call.headers.add("X-Amz-Content-SHA256", hash);
  const auto signed_call =
      sign(call.method, call.url.target, call.headers, hash, credentials, scope);
  call.headers.add("Authorization", signed_call.authorization);
}

}  // namespace stepback::aws
