// SPDX-License-Identifier: Apache-2.0
#include "s3.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <set>

namespace stub {
namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view space = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
constexpr std::string_view moment = "2026-01-27T10:15:30.000Z";

std::string digest_of(std::string_view text, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, kind, nullptr);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string etag_of(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string etag = "\"";
  for (const char c : digest_of(text, EVP_md5())) {
    const auto byte = static_cast<unsigned char>(c);
    etag += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return etag + "\"";
}

std::string sha256_of(std::string_view text) {
  const auto digest = digest_of(text, EVP_sha256());
  std::array<unsigned char, 64> base64{};
  EVP_EncodeBlock(base64.data(), reinterpret_cast<const unsigned char*>(digest.data()),
                  static_cast<int>(digest.size()));
  return reinterpret_cast<const char*>(base64.data());
}

std::string version_of(const Object& object) { return "v" + std::to_string(object.version); }

std::string line(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value) + "\r\n";
}

// The metadata and the type, as they are given back.
std::string kept_headers(const Request& request) {
  std::string kept;
  for (std::size_t at = 0; at < request.head.size();) {
    const auto end = std::min(request.head.find("\r\n", at), request.head.size());
    const auto each = request.head.substr(at, end - at);
    if (same_letters(each.substr(0, 11), "x-amz-meta-")) kept += std::string(each) + "\r\n";
    at = end + 2;
  }
  return kept;
}

// If-Match and If-None-Match against what is there.
std::optional<Answer> unmet(const Request& request, const Object* there) {
  const auto match = request.header("if-match");
  const auto none = request.header("if-none-match");
  if (!match.empty() && there == nullptr)
    return s3_refusal(404, "NoSuchKey", "The specified key does not exist.");
  const auto same = [&](std::string_view tag) {
    return tag == "*" || tag == there->etag || '"' + std::string(tag) + '"' == there->etag;
  };
  if ((!match.empty() && !same(match)) || (!none.empty() && there != nullptr && same(none)))
    return s3_refusal(412, "PreconditionFailed", "At least one of the preconditions did not hold");
  return std::nullopt;
}

std::string kind_of(const Request& request, bool has_key) {
  if (!has_key) {
    if (request.method == "POST") return "s3 DeleteObjects";
    if (request.method == "PUT") return "s3 CreateBucket";
    if (request.parameter("versions")) return "s3 ListObjectVersions";
    return request.method == "HEAD" ? "s3 HeadBucket" : "s3 ListObjectsV2";
  }
  if (request.method == "PUT")
    return request.header("x-amz-copy-source").empty() ? "s3 PutObject" : "s3 CopyObject";
  if (request.method == "HEAD") return "s3 HeadObject";
  return request.method == "DELETE" ? "s3 DeleteObject" : "s3 GetObject";
}

}  // namespace

bool is_s3_write(const Request& request) {
  return request.header("x-amz-target").empty() &&
         (request.method == "PUT" || request.method == "DELETE" ||
          (request.method == "POST" && request.parameter("delete").has_value()));
}

Answer s3_refusal(int status, std::string_view code, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.body = std::string(declaration) + "<Error><Code>" + std::string(code) +
                "</Code><Message>" + std::string(message) + "</Message></Error>";
  return answer;
}

Answer S3::answer(const Request& request) {
  const auto path = std::string_view(request.path).substr(1);
  const auto slash = std::min(path.find('/'), path.size());
  const std::string name(path.substr(0, slash));
  const std::string key(path.substr(std::min(slash + 1, path.size())));
  Answer answer;
  if (key.empty()) {
    answer = of_bucket(request, name);
  } else if (const auto bucket = buckets_.find(name); bucket == buckets_.end()) {
    answer = s3_refusal(404, "NoSuchBucket", "The specified bucket does not exist");
  } else {
    answer = of_object(request, bucket->second, key);
  }
  answer.kind = kind_of(request, !key.empty());
  return answer;
}

Answer S3::of_bucket(const Request& request, const std::string& name) {
  if (request.method == "PUT") {
    buckets_.try_emplace(name);
    return {};
  }
  const auto bucket = buckets_.find(name);
  if (bucket == buckets_.end())
    return s3_refusal(404, "NoSuchBucket", "The specified bucket does not exist");
  if (request.method == "POST") return erase_many(request, bucket->second);
  if (request.method == "HEAD") return {};
  if (request.parameter("versioning")) {
    Answer answer;
    answer.body = std::string(declaration) + "<VersioningConfiguration" + std::string(space) +
                  "><Status>Enabled</Status></VersioningConfiguration>";
    return answer;
  }
  if (request.parameter("versions")) return versions(request, bucket->second);
  return list(request, name, bucket->second);
}

// Only the newest of each key is kept.
Answer S3::versions(const Request& request, const Bucket& bucket) {
  const auto prefix = request.parameter("prefix").value_or("");
  Answer answer;
  answer.body = std::string(declaration) + "<ListVersionsResult" + std::string(space) +
                "><IsTruncated>false</IsTruncated>";
  for (auto at = bucket.lower_bound(prefix); at != bucket.end() && at->first.starts_with(prefix);
       ++at)
    answer.body += "<Version><Key>" + in_xml(at->first) + "</Key><VersionId>" +
                   version_of(at->second) + "</VersionId><IsLatest>true</IsLatest><LastModified>" +
                   std::string(moment) + "</LastModified><ETag>" + at->second.etag +
                   "</ETag><Size>" + std::to_string(at->second.bytes->size()) +
                   "</Size><StorageClass>STANDARD</StorageClass></Version>";
  answer.body += "</ListVersionsResult>";
  return answer;
}

Answer S3::of_object(const Request& request, Bucket& bucket, const std::string& key) {
  if (request.method == "PUT")
    return request.header("x-amz-copy-source").empty() ? put_object(request, bucket, key)
                                                       : copy(request, bucket, key);
  const auto found = bucket.find(key);
  if (request.method == "DELETE") {
    if (const auto no = unmet(request, found != bucket.end() ? &found->second : nullptr))
      return *no;
    if (found != bucket.end()) bucket.erase(found);
    Answer answer;
    answer.status = 204;
    return answer;
  }
  if (found == bucket.end())
    return s3_refusal(404, "NoSuchKey", "The specified key does not exist.");
  return look(request, found->second);
}

Object& S3::store(Bucket& bucket, const std::string& key, Object object) {
  auto& there = bucket[key];
  object.version = ++versions_;
  object.writes = there.writes + 1;
  there = std::move(object);
  return there;
}

Answer S3::put_object(const Request& request, Bucket& bucket, const std::string& key) {
  const auto found = bucket.find(key);
  if (const auto no = unmet(request, found != bucket.end() ? &found->second : nullptr)) return *no;
  const auto claimed = request.header("x-amz-checksum-sha256");
  if (!claimed.empty() && claimed != sha256_of(request.body))
    return s3_refusal(400, "BadDigest", "The SHA256 you specified did not match");
  const auto& object = store(bucket, key,
                             {.bytes = std::make_shared<const std::string>(request.body),
                              .etag = etag_of(request.body),
                              .headers = kept_headers(request)});
  Answer answer;
  answer.headers = line("ETag", object.etag) + line("x-amz-version-id", version_of(object));
  return answer;
}

Answer S3::copy(const Request& request, Bucket& bucket, const std::string& key) {
  auto from = request.header("x-amz-copy-source");
  if (from.starts_with('/')) from.remove_prefix(1);
  const auto mark = std::min(from.find("?versionId="), from.size());
  const auto path = decoded(from.substr(0, mark));
  const auto slash = std::min(path.find('/'), path.size());
  const auto from_bucket = buckets_.find(path.substr(0, slash));
  if (from_bucket == buckets_.end())
    return s3_refusal(404, "NoSuchBucket", "The specified bucket does not exist");
  const auto found = from_bucket->second.find(path.substr(std::min(slash + 1, path.size())));
  if (found == from_bucket->second.end() ||
      (mark < from.size() && from.substr(mark + 11) != version_of(found->second)))
    return s3_refusal(404, "NoSuchKey", "The specified key does not exist.");
  const auto wanted = request.header("x-amz-copy-source-if-match");
  if (!wanted.empty() && wanted != found->second.etag)
    return s3_refusal(412, "PreconditionFailed", "At least one of the preconditions did not hold");
  const auto there = bucket.find(key);
  if (const auto no = unmet(request, there != bucket.end() ? &there->second : nullptr)) return *no;
  const auto source_version = version_of(found->second);
  auto copied = found->second;
  if (same_letters(request.header("x-amz-metadata-directive"), "REPLACE"))
    copied.headers = kept_headers(request);
  const auto& object = store(bucket, key, std::move(copied));
  Answer answer;
  answer.headers = line("x-amz-version-id", version_of(object)) +
                   line("x-amz-copy-source-version-id", source_version);
  answer.body = std::string(declaration) + "<CopyObjectResult" + std::string(space) +
                "><LastModified>" + std::string(moment) + "</LastModified><ETag>" + object.etag +
                "</ETag>";
  if (same_letters(request.header("x-amz-checksum-algorithm"), "SHA256"))
    answer.body += "<ChecksumSHA256>" + sha256_of(*object.bytes) + "</ChecksumSHA256>";
  answer.body += "</CopyObjectResult>";
  return answer;
}

Answer S3::look(const Request& request, const Object& object) {
  const auto version = request.parameter("versionId");
  if (version && *version != version_of(object))
    return s3_refusal(404, "NoSuchVersion", "The specified version does not exist.");
  if (const auto no = unmet(request, &object)) {
    if (request.header("if-match").empty()) return {.kind = "", .status = 304};
    return *no;
  }
  Answer answer;
  answer.type = "binary/octet-stream";
  answer.headers = line("ETag", object.etag) + line("x-amz-version-id", version_of(object)) +
                   line("Last-Modified", "Tue, 27 Jan 2026 10:15:30 GMT") + object.headers;
  if (same_letters(request.header("x-amz-checksum-mode"), "ENABLED"))
    answer.headers += line("x-amz-checksum-sha256", sha256_of(*object.bytes)) +
                      line("x-amz-checksum-type", "FULL_OBJECT");
  if (request.method == "HEAD") {
    answer.headers += line("Content-Length", std::to_string(object.bytes->size()));
  } else {
    answer.body = *object.bytes;
  }
  return answer;
}

Answer S3::list(const Request& request, const std::string& name, const Bucket& bucket) {
  const auto prefix = request.parameter("prefix").value_or("");
  const auto most = static_cast<std::size_t>(
      std::clamp(number_in(request.parameter("max-keys").value_or("1000"), 1000), 1L, 1000L));
  const auto delimiter = request.parameter("delimiter").value_or("");
  const bool in_code = request.parameter("encoding-type").has_value();
  const auto shown = [&](const std::string& key) { return in_code ? encoded(key) : in_xml(key); };
  const auto after = request.parameter("continuation-token")
                         .value_or(request.parameter("start-after").value_or(""));
  auto at = after > prefix ? bucket.upper_bound(after) : bucket.lower_bound(prefix);
  std::string contents;
  std::set<std::string> folders;
  std::size_t count = 0;
  std::string last;
  for (; at != bucket.end() && at->first.starts_with(prefix) && count < most; ++at) {
    const auto& [key, object] = *at;
    last = key;
    const auto end = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
    if (end != std::string::npos) {
      if (folders.insert(key.substr(0, end + delimiter.size())).second) ++count;
      continue;
    }
    contents += "<Contents><Key>" + shown(key) + "</Key><LastModified>" + std::string(moment) +
                "</LastModified><ETag>" + object.etag + "</ETag><Size>" +
                std::to_string(object.bytes->size()) +
                "</Size><StorageClass>STANDARD</StorageClass></Contents>";
    ++count;
  }
  const bool more = at != bucket.end() && at->first.starts_with(prefix);
  std::string body = std::string(declaration) + "<ListBucketResult" + std::string(space) +
                     "><Name>" + name + "</Name><Prefix>" + shown(prefix) + "</Prefix><KeyCount>" +
                     std::to_string(count) + "</KeyCount><MaxKeys>" + std::to_string(most) +
                     "</MaxKeys><IsTruncated>" + (more ? "true" : "false") + "</IsTruncated>";
  if (in_code) body += "<EncodingType>url</EncodingType>";
  if (more) body += "<NextContinuationToken>" + in_xml(last) + "</NextContinuationToken>";
  body += contents;
  for (const auto& folder : folders)
    body += "<CommonPrefixes><Prefix>" + shown(folder) + "</Prefix></CommonPrefixes>";
  Answer answer;
  answer.body = body + "</ListBucketResult>";
  return answer;
}

Answer S3::erase_many(const Request& request, Bucket& bucket) {
  pugi::xml_document document;
  if (!document.load_string(request.body.c_str(),
                            pugi::parse_default | pugi::parse_ws_pcdata_single))
    return s3_refusal(400, "MalformedXML", "The XML you provided was not well-formed");
  const auto asked = document.child("Delete");
  const bool quiet = asked.child("Quiet").text().as_bool();
  std::string body = std::string(declaration) + "<DeleteResult" + std::string(space) + ">";
  for (const auto object : asked.children("Object")) {
    const std::string key = object.child("Key").text().get();
    bucket.erase(key);
    if (!quiet) body += "<Deleted><Key>" + in_xml(key) + "</Key></Deleted>";
  }
  Answer answer;
  answer.body = body + "</DeleteResult>";
  return answer;
}

void S3::put(const std::string& bucket, const std::string& key, std::string bytes) {
  auto etag = etag_of(bytes);
  auto& object = store(buckets_[bucket], key,
                       {.bytes = std::make_shared<const std::string>(std::move(bytes)),
                        .etag = std::move(etag),
                        .headers = ""});
  object.writes = 0;
}

std::string S3::listing(const std::string& bucket, std::string_view prefix) const {
  std::string lines;
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return lines;
  for (auto at = found->second.lower_bound(prefix);
       at != found->second.end() && at->first.starts_with(prefix); ++at)
    lines += at->first + '\t' + at->second.etag + '\t' + std::to_string(at->second.bytes->size()) +
             '\t' + std::to_string(at->second.writes) + '\n';
  return lines;
}

}  // namespace stub
