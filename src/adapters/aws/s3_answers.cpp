// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/s3_answers.hpp"

#include <array>
#include <charconv>

#include "adapters/aws/http_date.hpp"
#include "base/xml.hpp"

namespace stepback::aws {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view metadata_prefix = "x-amz-meta-";

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

// A checksum of parts ("...-3") says nothing about the whole.
std::string whole_sha256(const http::Headers& headers) {
  const auto checksum = headers.find("x-amz-checksum-sha256").value_or("");
  if (headers.find("x-amz-checksum-type").value_or("FULL_OBJECT") != "FULL_OBJECT") return {};
  return sha256_of_base64(checksum);
}

// Lists are asked for with their keys encoded, for XML can't carry every byte.
std::string key_in(const Xml& node) {
  return http::percent_decoded(node.text("Key"), true).value_or("");
}

Result<Xml> root_of(std::string_view body, std::string_view name) {
  auto root = Xml::parse(body);
  if (!root || root->name() != name)
    return fail(Code::corrupt, "the answer is no " + std::string(name));
  return root;
}

std::string class_in(const Xml& node) {
  std::string text = node.text("StorageClass");
  return text == "STANDARD" ? "" : text;
}

std::optional<Instant> time_in(const Xml& node) {
  if (const auto at = parse_rfc3339(node.text("LastModified"))) return *at;
  return std::nullopt;
}

std::optional<int> days_in(const Xml& node, std::string_view name) {
  int days = 0;
  const auto text = node.text(name);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return days;
}

ExpiryRule rule_in(const Xml& node) {
  ExpiryRule rule{.id = node.text("ID"),
                  .prefix = node.text("Prefix"),
                  .enabled = node.text("Status") == "Enabled",
                  .days = {},
                  .older_days = {}};
  for (const auto& filter : node.all("Filter")) {
    if (rule.prefix.empty()) rule.prefix = filter.text("Prefix");
    for (const auto& both : filter.all("And"))
      if (rule.prefix.empty()) rule.prefix = both.text("Prefix");
    for (const auto* narrower : {"And", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"})
      rule.narrowed = rule.narrowed || !filter.all(narrower).empty();
  }
  for (const auto& expiration : node.all("Expiration")) rule.days = days_in(expiration, "Days");
  for (const auto& older : node.all("NoncurrentVersionExpiration"))
    rule.older_days = days_in(older, "NoncurrentDays");
  return rule;
}

}  // namespace

std::string base64_of_sha256(std::string_view hex) {
  if (hex.size() != 64) return {};
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : hex) {
    const auto digit = hex_digits.find(c);
    if (digit == std::string_view::npos) return {};
    bits = (bits << 4) | static_cast<std::uint32_t>(digit);
    count += 4;
    while (count >= 6) {
      count -= 6;
      out += letters[(bits >> count) & 63];
    }
  }
  out += letters[(bits << (6 - count)) & 63];
  return out + '=';
}

std::string sha256_of_base64(std::string_view text) {
  if (text.size() != 44 || text.back() != '=') return {};
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, 43)) {
    const auto value = letters.find(c);
    if (value == std::string_view::npos) return {};
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    while (count >= 4 && out.size() < 64) {
      count -= 4;
      out += hex_digits[(bits >> count) & 15];
    }
  }
  return out;
}

ObjectFacts facts_of(const http::Response& response) {
  const auto& headers = response.headers;
  ObjectFacts facts{.etag = std::string(headers.find("ETag").value_or("")),
                    .size = number_in(headers.find("Content-Length").value_or("")),
                    .sha256 = whole_sha256(headers),
                    .storage_class = std::string(headers.find("x-amz-storage-class").value_or("")),
                    .modified = parse_http_date(headers.find("Last-Modified").value_or("")),
                    .expires = std::string(headers.find("x-amz-expiration").value_or("")),
                    .metadata = {}};
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto name = lower(headers[i].first);
    if (!name.starts_with(metadata_prefix)) continue;
    facts.metadata[name.substr(metadata_prefix.size())] = headers[i].second;
  }
  return facts;
}

Result<ListPage> read_list(std::string_view body, std::string_view prefix) {
  const auto root = TRY(root_of(body, "ListBucketResult"));
  ListPage page;
  for (const auto& node : root.all("Contents")) {
    auto key = key_in(node);
    if (!key.starts_with(prefix))
      return fail(Code::corrupt, "the list holds what nobody asked for");
    page.objects.push_back({.key = key.substr(prefix.size()),
                            .etag = node.text("ETag"),
                            .size = number_in(node.text("Size")),
                            .storage_class = class_in(node),
                            .modified = time_in(node)});
  }
  if (root.text("IsTruncated") == "true") page.next = root.text("NextContinuationToken");
  return page;
}

Result<std::vector<ExpiryRule>> read_lifecycle(std::string_view body) {
  const auto root = TRY(root_of(body, "LifecycleConfiguration"));
  std::vector<ExpiryRule> rules;
  for (const auto& node : root.all("Rule")) rules.push_back(rule_in(node));
  return rules;
}

std::optional<Instant> read_expiry(std::string_view header) {
  constexpr std::string_view before = "expiry-date=\"";
  const auto at = header.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  header.remove_prefix(at + before.size());
  return parse_http_date(header.substr(0, header.find('"')));
}

Result<std::vector<ObjectVersion>> read_versions(std::string_view body) {
  const auto root = TRY(root_of(body, "ListVersionsResult"));
  std::vector<ObjectVersion> found;
  for (const auto& node : root.children()) {
    const auto kind = node.name();
    if (kind != "Version" && kind != "DeleteMarker") continue;
    found.push_back({.key = key_in(node),
                     .id = node.text("VersionId"),
                     .modified = node.text("LastModified"),
                     .is_latest = node.text("IsLatest") == "true",
                     .is_delete_marker = kind == "DeleteMarker"});
  }
  return found;
}

}  // namespace stepback::aws
