// SPDX-License-Identifier: Apache-2.0
#include "support/pretend_s3.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/s3.hpp"
#include "adapters/aws/sigv4.hpp"
#include "base/digest.hpp"
#include "base/xml.hpp"

namespace stepback::testing {
namespace {

http::Response error(int status, std::string_view type) {
  return {.status = status,
          .type = "application/xml",
          .headers = {},
          .body = fmt::format("<?xml version=\"1.0\"?><Error><Code>{}</Code></Error>", type)};
}

http::Response xml(std::string body) {
  return {.status = 200, .type = "application/xml", .headers = {}, .body = std::move(body)};
}

// Another value for other bytes is all that a test needs of an ETag.
std::string etag_of(std::string_view bytes) { return '"' + sha256_hex(bytes).substr(0, 32) + '"'; }

std::string checksum_of(std::string_view bytes) { return aws::base64_of_sha256(sha256_hex(bytes)); }

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return http::percent_decoded(part.substr(name.size() + 1)).value_or("");
  }
  return {};
}

}  // namespace

struct PretendS3::Request {
  const http::Call& call;
  std::string bucket;
  std::string key;
  std::string query;

  std::string header(std::string_view name) const {
    return std::string(call.headers.find(name).value_or(""));
  }
};

Result<http::Response> PretendS3::send(const http::Call& call) {
  if (before) before(call);
  const std::lock_guard lock(mutex_);
  const std::string method(http::name_of(call.method));
  const auto& target = call.url.target;
  log_.push_back(method + " " + target);
  const auto mark = target.find('?');
  const auto path = target.substr(1, mark == std::string::npos ? mark : mark - 1);
  const auto slash = path.find('/');
  Request request{.call = call, .bucket = path.substr(0, slash), .key = {}, .query = {}};
  if (slash != std::string::npos)
    request.key = http::percent_decoded(path.substr(slash + 1)).value_or("");
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  const auto fault = fault_for(method, target);
  if (fault == Fault::slow_down) return error(503, "SlowDown");
  if (fault == Fault::denied) return error(403, "AccessDenied");
  if (fault == Fault::late_error) return error(200, "InternalError");
  auto response = perform(request);
  if (fault == Fault::wrong_bytes) {
    auto& entry = buckets_[request.bucket][request.key];
    auto changed = entry.now;
    changed.bytes.back() ^= 1;
    changed.sha256 = checksum_of(changed.bytes);
    store(entry, changed);
    response.body = fmt::format(
        "<CopyObjectResult><ETag>{}</ETag><ChecksumSHA256>{}</ChecksumSHA256></CopyObjectResult>",
        entry.now.etag, entry.now.sha256);
  }
  if (fault == Fault::lost_reply) return fail(Code::timeout, "timed out after 20s");
  return response;
}

std::optional<PretendS3::Fault> PretendS3::fault_for(const std::string& method,
                                                     const std::string& target) {
  for (auto& plan : plans_) {
    if (plan.times == 0 || (!plan.method.empty() && plan.method != method)) continue;
    if (!target.contains(plan.contains)) continue;
    if (plan.skip-- > 0) continue;
    --plan.times;
    return plan.fault;
  }
  if (!random_.chance(per_thousand_)) return std::nullopt;
  return method == "PUT" && random_.chance(300) ? Fault::lost_reply : Fault::slow_down;
}

http::Response PretendS3::perform(const Request& request) {
  auto& bucket = buckets_[request.bucket];
  const auto found = bucket.find(request.key);
  const bool is_there = found != bucket.end() && found->second.is_there;
  switch (request.call.method) {
    case http::Method::put:
      return request.header("x-amz-copy-source").empty() ? put_object(request)
                                                         : copy_object(request);
    case http::Method::post: return delete_many(request);
    case http::Method::get:
      if (request.query.contains("list-type=2")) return list(request);
      if (request.query.ends_with("versions")) return list_versions(request);
      if (request.query == "versioning")
        return xml(keeps_versions ? "<VersioningConfiguration><Status>Enabled</Status>"
                                    "</VersioningConfiguration>"
                                  : "<VersioningConfiguration/>");
      if (request.query == "lifecycle")
        return lifecycle.empty() ? error(404, "NoSuchLifecycleConfiguration") : xml(lifecycle);
      break;
    case http::Method::head: break;
    default: return error(405, "MethodNotAllowed");
  }
  const bool is_head = request.call.method == http::Method::head;
  if (!is_there) return is_head ? http::Response{.status = 404} : error(404, "NoSuchKey");
  const auto& stored = found->second.now;
  http::Response response{.status = 200};
  response.headers.add("ETag", stored.etag);
  response.headers.add("Content-Length", std::to_string(stored.bytes.size()));
  if (!stored.sha256.empty()) response.headers.add("x-amz-checksum-sha256", stored.sha256);
  response.headers.add("Last-Modified", "Thu, 01 Jan 2026 10:18:04 GMT");
  for (const auto& [name, value] : stored.metadata) response.headers.add(name, value);
  if (!is_head) response.body = stored.bytes;
  return response;
}

http::Response PretendS3::put_object(const Request& request) {
  auto& entry = buckets_[request.bucket][request.key];
  if (request.header("If-None-Match") == "*" && entry.is_there)
    return error(412, "PreconditionFailed");
  const auto match = request.header("If-Match");
  if (!match.empty() && !entry.is_there) return error(404, "NoSuchKey");
  if (!match.empty() && match != entry.now.etag) return error(412, "PreconditionFailed");
  Stored stored{.bytes = request.call.body};
  stored.sha256 = request.header("x-amz-checksum-sha256");
  if (!stored.sha256.empty() && stored.sha256 != checksum_of(stored.bytes))
    return error(400, "BadDigest");
  const auto& headers = request.call.headers;
  for (std::size_t i = 0; i < headers.size(); ++i)
    if (headers[i].first.starts_with("x-amz-meta-"))
      stored.metadata[std::string(headers[i].first)] = headers[i].second;
  store(entry, std::move(stored));
  http::Response response{.status = 200};
  response.headers.add("ETag", entry.now.etag);
  return response;
}

http::Response PretendS3::copy_object(const Request& request) {
  const auto source = request.header("x-amz-copy-source");
  const auto slash = source.find('/');
  const auto key = http::percent_decoded(source.substr(slash + 1)).value_or("");
  const auto& from = buckets_[source.substr(0, slash)][key];
  if (!from.is_there) return error(404, "NoSuchKey");
  const auto match = request.header("x-amz-copy-source-if-match");
  if (!match.empty() && match != from.now.etag) return error(412, "PreconditionFailed");
  auto copy = from.now;
  const bool tells = knows_checksums && !request.header("x-amz-checksum-algorithm").empty();
  if (tells) copy.sha256 = checksum_of(copy.bytes);
  auto& entry = buckets_[request.bucket][request.key];
  store(entry, copy);
  return xml(fmt::format("<CopyObjectResult><ETag>{}</ETag>{}</CopyObjectResult>", entry.now.etag,
                         tells ? "<ChecksumSHA256>" + copy.sha256 + "</ChecksumSHA256>" : ""));
}

http::Response PretendS3::list(const Request& request) {
  const auto prefix = parameter(request.query, "prefix");
  const auto token = parameter(request.query, "continuation-token");
  const auto after = http::percent_decoded(token).value_or("");
  std::string body = "<ListBucketResult>";
  std::size_t count = 0;
  std::string last;
  for (const auto& [key, entry] : buckets_[request.bucket]) {
    if (!entry.is_there || !key.starts_with(prefix) || (!after.empty() && key <= after)) continue;
    if (count++ == page) {
      body += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + aws::encode(last) +
              "</NextContinuationToken>";
      break;
    }
    body += fmt::format(
        "<Contents><Key>{}</Key><LastModified>2026-01-01T10:18:04Z</LastModified>"
        "<ETag>{}</ETag><Size>{}</Size>{}</Contents>",
        aws::encode(key, aws::Slash::kept), entry.now.etag, entry.now.bytes.size(),
        entry.now.storage_class.empty()
            ? ""
            : "<StorageClass>" + entry.now.storage_class + "</StorageClass>");
    last = key;
  }
  return xml(body + "</ListBucketResult>");
}

http::Response PretendS3::list_versions(const Request& request) {
  const auto prefix = parameter(request.query, "prefix");
  std::string body = "<ListVersionsResult>";
  for (const auto& [key, entry] : buckets_[request.bucket]) {
    if (!key.starts_with(prefix)) continue;
    const auto name = aws::encode(key, aws::Slash::kept);
    if (!entry.is_there)
      body += fmt::format(
          "<DeleteMarker><Key>{}</Key><VersionId>m1</VersionId><IsLatest>true"
          "</IsLatest><LastModified>2026-01-27T10:18:04Z</LastModified>"
          "</DeleteMarker>",
          name);
    for (int i = 0; i < entry.older; ++i)
      body += fmt::format(
          "<Version><Key>{}</Key><VersionId>v{}</VersionId>"
          "<LastModified>2026-01-01T10:18:04Z</LastModified></Version>",
          name, i);
  }
  return xml(body + "</ListVersionsResult>");
}

http::Response PretendS3::delete_many(const Request& request) {
  const auto body = Xml::parse(request.call.body);
  if (!body) return error(400, "MalformedXML");
  if (request.header("x-amz-checksum-sha256") != checksum_of(request.call.body))
    return error(400, "BadDigest");
  for (const auto& object : body->all("Object")) {
    auto& entry = buckets_[request.bucket][object.text("Key")];
    if (object.text("VersionId") == "m1") {  // the marker: what is behind it is there again
      entry.is_there = entry.older > 0;
      entry.older -= entry.is_there ? 1 : 0;
      continue;
    }
    entry.older += entry.is_there ? 1 : 0;
    entry.is_there = false;
  }
  return xml("<DeleteResult/>");
}

void PretendS3::store(Entry& entry, Stored stored) {
  if (entry.is_there) ++entry.older;
  stored.etag = etag_of(stored.bytes);  // as on S3: of the bytes, whatever the metadata
  entry.now = std::move(stored);
  entry.is_there = true;
}

void PretendS3::plan(Plan plan) {
  const std::lock_guard lock(mutex_);
  plans_.push_back(std::move(plan));
}

void PretendS3::fail_by_chance(std::uint64_t seed, std::uint32_t per_thousand) {
  const std::lock_guard lock(mutex_);
  random_ = Random(seed);
  per_thousand_ = per_thousand;
}

void PretendS3::put(const std::string& bucket, const std::string& key, Stored stored) {
  const std::lock_guard lock(mutex_);
  store(buckets_[bucket][key], std::move(stored));
}

void PretendS3::remove(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(mutex_);
  auto& entry = buckets_[bucket][key];
  entry.older += entry.is_there ? 1 : 0;
  entry.is_there = false;
}

void PretendS3::drop(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(mutex_);
  buckets_[bucket].erase(key);
}

bool PretendS3::has(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_[bucket].find(key);
  return found != buckets_[bucket].end() && found->second.is_there;
}

PretendS3::Stored PretendS3::at(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(mutex_);
  return buckets_[bucket][key].now;
}

std::vector<std::string> PretendS3::keys(const std::string& bucket) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> found;
  for (const auto& [key, entry] : buckets_[bucket])
    if (entry.is_there) found.push_back(key);
  return found;
}

int PretendS3::count(const std::string& method, const std::string& contains) {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::ranges::count_if(log_, [&](const std::string& line) {
    return line.starts_with(method + " ") && line.contains(contains);
  }));
}

}  // namespace stepback::testing
