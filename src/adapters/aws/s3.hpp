// SPDX-License-Identifier: Apache-2.0
#pragma once

// S3: objects put, looked at, listed, copied on the server and deleted. Addresses are path-style,
// keys are encoded to the letter, and every write carries the SHA-256 of its bytes, which S3 checks
// and keeps. An answer of 200 that holds an error is an error. Any thread.
//
// An ETag is kept as it was given, with its quotes. It changes whenever the bytes do; it is their
// MD5 only for small objects without a key of their own, so nothing is derived from it.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/service.hpp"

namespace stepback::aws {

inline constexpr Dialect s3_dialect{.id = "s3", .signing = "", .target = "", .version = ""};

struct ObjectName {
  std::string bucket;
  std::string key;
};

struct ObjectFacts {
  std::string etag;
  std::uint64_t size = 0;
  std::string sha256;         // of all its bytes, in hex; empty: the store keeps none
  std::string storage_class;  // empty: the standard one
  std::optional<Instant> modified;
  std::string expires;  // by which rule and when, as S3 words it; empty: never
  std::map<std::string, std::string> metadata;
};

struct Object {
  ObjectFacts facts;
  std::string bytes;
};

struct Listed {
  std::string key;  // below the prefix that was asked for
  std::string etag;
  std::uint64_t size = 0;
  std::string storage_class;        // empty: the standard one
  std::optional<Instant> modified;  // as far as it was told
};

// A rule that takes objects away after a time. Of a bucket's lifecycle, what concerns us.
struct ExpiryRule {
  std::string id;
  std::string prefix;  // of the keys; empty: all of them
  bool enabled = true;
  bool narrowed = false;          // by tags or sizes: it may not concern an object
  std::optional<int> days;        // after it was written
  std::optional<int> older_days;  // and so long what was deleted or replaced is kept
};

struct ObjectVersion {
  std::string key;
  std::string id;
  std::string modified;
  bool is_latest = false;
  bool is_delete_marker = false;
};

// What a write must find: the object with this ETag, none at all, or anything.
struct Condition {
  std::string etag;
  bool absent = false;
};

struct Put {
  std::string bytes;
  std::string type = "application/octet-stream";
  std::map<std::string, std::string> metadata;
  Condition condition;
};

struct Copy {
  ObjectName from;
  ObjectName to;
  std::uint64_t size = 0;
  std::string source_etag;  // refused with PreconditionFailed when the source has another; or empty
};

class S3 {
 public:
  // A copy of more than this goes in parts.
  static constexpr std::uint64_t largest_copy = std::uint64_t{5} * 1024 * 1024 * 1024;

  explicit S3(Service& service) : service_(service) {}

  std::uint64_t slowed_down() const { return service_.slowed_down(); }

  Answer<Object> get(const ObjectName& name, std::size_t most_bytes);
  Answer<ObjectFacts> head(const ObjectName& name);
  Answer<ObjectFacts> put(const ObjectName& name, const Put& put);
  // The facts of the copy: its ETag, and its SHA-256 where the store tells it.
  Answer<ObjectFacts> copy(const Copy& copy);
  // Up to 1,000 at once; a key that is not there is success.
  Answer<bool> remove(const std::string& bucket, std::span<const std::string> keys);

  // Every object below the prefix, in the order of the bytes of its key, as pages arrive. Ends
  // early when `take` says no.
  using Take = std::function<bool(Listed&&)>;
  Answer<bool> list(const std::string& bucket, const std::string& prefix, const Take& take);
  // Up to 1,000 versions or delete markers, each by its id: what was behind a marker is there
  // again.
  Answer<bool> remove_versions(const std::string& bucket, std::span<const ObjectVersion> versions);
  // Whether what is deleted is kept behind a marker.
  Answer<bool> keeps_versions(const std::string& bucket);
  // Empty: no rule takes anything away.
  Answer<std::vector<ExpiryRule>> expiry_rules(const std::string& bucket);

  // The newest page of versions and delete markers of the keys that begin with `prefix`.
  Answer<std::vector<ObjectVersion>> versions(const std::string& bucket, const std::string& prefix);

 private:
  Answer<bool> remove_all(const std::string& bucket, const std::string& objects, std::size_t count);
  Answer<ObjectFacts> copy_in_parts(const Copy& copy);
  Answer<std::string> copy_part(const Copy& copy, const std::string& upload, int number);
  Answer<ObjectFacts> complete(const Copy& copy, const std::string& upload,
                               const std::vector<std::string>& etags);
  void abandon(const Copy& copy, const std::string& upload);

  Service& service_;
};

// Base64, as checksums travel, and hex, as we keep them. Empty when it is not 32 bytes.
std::string base64_of_sha256(std::string_view hex);
std::string sha256_of_base64(std::string_view text);

}  // namespace stepback::aws
