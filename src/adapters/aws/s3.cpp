// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/s3.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/s3_answers.hpp"
#include "adapters/aws/sigv4.hpp"
#include "base/digest.hpp"

namespace stepback::aws {
namespace {

constexpr std::uint64_t part_size = std::uint64_t{512} * 1024 * 1024;
constexpr std::uint64_t slow_bytes_per_second = std::uint64_t{2} * 1024 * 1024;

std::string path_of(const ObjectName& name) {
  return "/" + encode(name.bucket) + "/" + encode(name.key, Slash::kept);
}

http::Call call_to(http::Method method, std::string target) {
  http::Call call{.method = method};
  call.url.target = std::move(target);
  call.within = seconds(20);
  return call;
}

// A large one is given the time that a slow line takes.
Duration time_for(std::uint64_t bytes) {
  return seconds(20) + seconds(static_cast<std::int64_t>(bytes / slow_bytes_per_second));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&' || c == '<' || c == '>' || c == '"' || byte < 0x20) {
      out += fmt::format("&#{};", int{byte});
    } else {
      out += c;
    }
  }
  return out;
}

std::unexpected<Refusal> unreadable(const Error& error) {
  return std::unexpected(Refusal{.code = error.code, .status = 200, .type = error.message});
}

Answer<Xml> xml_of(const Answer<http::Response>& response) {
  if (!response) return std::unexpected(response.error());
  auto xml = Xml::parse(response->body);
  if (!xml) return unreadable(xml.error());
  return *std::move(xml);
}

std::string copy_source(const ObjectName& from) {
  return encode(from.bucket) + "/" + encode(from.key, Slash::kept);
}

ObjectFacts facts_of_copy(const Xml& xml, std::uint64_t size) {
  ObjectFacts facts{.etag = xml.text("ETag"), .size = size};
  const auto kind = xml.text("ChecksumType");
  if (kind.empty() || kind == "FULL_OBJECT")
    facts.sha256 = sha256_of_base64(xml.text("ChecksumSHA256"));
  return facts;
}

}  // namespace

Answer<Object> S3::get(const ObjectName& name, std::size_t most_bytes) {
  auto call = call_to(http::Method::get, path_of(name));
  call.headers.add("x-amz-checksum-mode", "ENABLED");
  call.most_bytes = most_bytes;
  call.within = time_for(most_bytes);
  auto response = service_.send(std::move(call));
  if (!response) return std::unexpected(response.error());
  return Object{facts_of(*response), std::move(response->body)};
}

Answer<ObjectFacts> S3::head(const ObjectName& name) {
  auto call = call_to(http::Method::head, path_of(name));
  call.headers.add("x-amz-checksum-mode", "ENABLED");
  const auto response = service_.send(std::move(call));
  if (!response) return std::unexpected(response.error());
  return facts_of(*response);
}

Answer<ObjectFacts> S3::put(const ObjectName& name, const Put& put) {
  auto call = call_to(http::Method::put, path_of(name));
  call.body = put.bytes;
  call.within = time_for(put.bytes.size());
  const auto hash = sha256_hex(put.bytes);
  call.headers.add("Content-Type", put.type);
  call.headers.add("x-amz-checksum-sha256", base64_of_sha256(hash));
  for (const auto& [key, value] : put.metadata) call.headers.add("x-amz-meta-" + key, value);
  if (put.condition.absent) {
    call.headers.add("If-None-Match", "*");
  } else if (!put.condition.etag.empty()) {
    call.headers.add("If-Match", put.condition.etag);
  }
  const auto response = service_.send(std::move(call));
  if (!response) return std::unexpected(response.error());
  auto facts = facts_of(*response);
  facts.size = put.bytes.size();
  facts.sha256 = hash;
  return facts;
}

Answer<ObjectFacts> S3::copy(const Copy& copy) {
  if (copy.size > largest_copy) return copy_in_parts(copy);
  auto call = call_to(http::Method::put, path_of(copy.to));
  call.headers.add("x-amz-copy-source", copy_source(copy.from));
  call.headers.add("x-amz-checksum-algorithm", "SHA256");
  if (!copy.source_etag.empty()) call.headers.add("x-amz-copy-source-if-match", copy.source_etag);
  call.within = time_for(copy.size / 8);  // on their side of the line
  const auto xml = xml_of(service_.send(std::move(call)));
  if (!xml) return std::unexpected(xml.error());
  return facts_of_copy(*xml, copy.size);
}

Answer<ObjectFacts> S3::copy_in_parts(const Copy& copy) {
  auto call = call_to(http::Method::post, path_of(copy.to) + "?uploads");
  const auto begun = xml_of(service_.send(std::move(call)));
  if (!begun) return std::unexpected(begun.error());
  const auto upload = begun->text("UploadId");
  // At most 10,000 parts of at most 5 GB: with 512 MB each, as much as an object may hold.
  const auto parts = static_cast<int>((copy.size + part_size - 1) / part_size);
  std::vector<std::string> etags;
  for (int number = 1; number <= parts; ++number) {
    auto etag = copy_part(copy, upload, number);
    if (!etag) {
      abandon(copy, upload);
      return std::unexpected(etag.error());
    }
    etags.push_back(*std::move(etag));
  }
  return complete(copy, upload, etags);
}

Answer<std::string> S3::copy_part(const Copy& copy, const std::string& upload, int number) {
  const auto begin = static_cast<std::uint64_t>(number - 1) * part_size;
  const auto last = std::min(begin + part_size, copy.size) - 1;
  auto call = call_to(http::Method::put, fmt::format("{}?partNumber={}&uploadId={}",
                                                     path_of(copy.to), number, encode(upload)));
  call.headers.add("x-amz-copy-source", copy_source(copy.from));
  call.headers.add("x-amz-copy-source-range", fmt::format("bytes={}-{}", begin, last));
  if (!copy.source_etag.empty()) call.headers.add("x-amz-copy-source-if-match", copy.source_etag);
  call.within = time_for(part_size / 8);
  const auto xml = xml_of(service_.send(std::move(call)));
  if (!xml) return std::unexpected(xml.error());
  return xml->text("ETag");
}

Answer<ObjectFacts> S3::complete(const Copy& copy, const std::string& upload,
                                 const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i)
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                        escaped(etags[i]));
  auto call =
      call_to(http::Method::post, fmt::format("{}?uploadId={}", path_of(copy.to), encode(upload)));
  call.body = body + "</CompleteMultipartUpload>";
  call.headers.add("Content-Type", "application/xml");
  call.within = minutes(2);  // it may take a while to put them together
  const auto xml = xml_of(service_.send(std::move(call)));
  if (!xml) return std::unexpected(xml.error());
  return facts_of_copy(*xml, copy.size);
}

// Parts that nobody completes are paid for. Failing at that changes nothing about why we are here.
void S3::abandon(const Copy& copy, const std::string& upload) {
  const auto dropped = service_.send(call_to(
      http::Method::remove, fmt::format("{}?uploadId={}", path_of(copy.to), encode(upload))));
  static_cast<void>(dropped);
}

Answer<bool> S3::remove(const std::string& bucket, std::span<const std::string> keys) {
  std::string objects;
  for (const auto& key : keys)
    objects += fmt::format("<Object><Key>{}</Key></Object>", escaped(key));
  return remove_all(bucket, objects, keys.size());
}

Answer<bool> S3::remove_all(const std::string& bucket, const std::string& objects,
                            std::size_t count) {
  if (count == 0) return true;
  auto call = call_to(http::Method::post, "/" + encode(bucket) + "?delete");
  call.body = "<Delete><Quiet>true</Quiet>" + objects + "</Delete>";
  call.headers.add("Content-Type", "application/xml");
  call.headers.add("x-amz-checksum-sha256", base64_of_sha256(sha256_hex(call.body)));
  const auto xml = xml_of(service_.send(std::move(call)));
  if (!xml) return std::unexpected(xml.error());
  const auto errors = xml->all("Error");
  if (errors.empty()) return true;
  const auto type = errors.front().text("Code");
  const auto code = type.find("Denied") != std::string::npos ? Code::denied : Code::unavailable;
  return std::unexpected(
      Refusal{.code = code,
              .status = 200,
              .type = type,
              .message = fmt::format("{} of {} objects were not deleted, {} first", errors.size(),
                                     count, errors.front().text("Key"))});
}

Answer<bool> S3::list(const std::string& bucket, const std::string& prefix, const Take& take) {
  std::string token;
  do {
    // The names in their order: then they need no sorting to be signed.
    auto target = "/" + encode(bucket) + "?";
    if (!token.empty()) target += "continuation-token=" + encode(token) + "&";
    target += "encoding-type=url&list-type=2&prefix=" + encode(prefix);
    const auto response = service_.send(call_to(http::Method::get, std::move(target)));
    if (!response) return std::unexpected(response.error());
    auto page = read_list(response->body, prefix);
    if (!page) return unreadable(page.error());
    for (auto& object : page->objects)
      if (!take(std::move(object))) return false;
    if (!token.empty() && page->next == token)
      return unreadable({Code::corrupt, "the list goes round in a circle"});
    token = std::move(page->next);
  } while (!token.empty());
  return true;
}

Answer<bool> S3::remove_versions(const std::string& bucket,
                                 std::span<const ObjectVersion> versions) {
  std::string objects;
  for (const auto& each : versions)
    objects += fmt::format("<Object><Key>{}</Key><VersionId>{}</VersionId></Object>",
                           escaped(each.key), escaped(each.id));
  return remove_all(bucket, objects, versions.size());
}

Answer<bool> S3::keeps_versions(const std::string& bucket) {
  const auto xml =
      xml_of(service_.send(call_to(http::Method::get, "/" + encode(bucket) + "?versioning")));
  if (!xml) return std::unexpected(xml.error());
  return xml->text("Status") == "Enabled";
}

Answer<std::vector<ExpiryRule>> S3::expiry_rules(const std::string& bucket) {
  const auto response =
      service_.send(call_to(http::Method::get, "/" + encode(bucket) + "?lifecycle"));
  if (!response && response.error().type == "NoSuchLifecycleConfiguration")
    return std::vector<ExpiryRule>{};
  if (!response) return std::unexpected(response.error());
  auto rules = read_lifecycle(response->body);
  if (!rules) return unreadable(rules.error());
  return *std::move(rules);
}

Answer<std::vector<ObjectVersion>> S3::versions(const std::string& bucket,
                                                const std::string& prefix) {
  const auto response = service_.send(call_to(
      http::Method::get,
      fmt::format("/{}?encoding-type=url&prefix={}&versions", encode(bucket), encode(prefix))));
  if (!response) return std::unexpected(response.error());
  auto found = read_versions(response->body);
  if (!found) return unreadable(found.error());
  return *std::move(found);
}

}  // namespace stepback::aws
