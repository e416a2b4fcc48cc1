// SPDX-License-Identifier: Apache-2.0
#pragma once

// S3 in memory: buckets of objects with ETag, metadata and a version, conditional writes, copies on
// the server, lists in pages. Objects share their bytes, so that a copy costs little. Only the
// newest version of an object is kept. Above the rate that is allowed, writes are refused with 503
// as S3 refuses them. One thread; copying it is taking a picture of it.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"

namespace stub {

struct Object {
  std::shared_ptr<const std::string> bytes;
  std::string etag;     // in quotes
  std::string headers;  // x-amz-meta-..., and its type
  std::uint64_t version = 0;
  std::int64_t writes = 0;  // how often this key was written since the last picture was restored
};

class S3 {
 public:
  Answer answer(const Request& request);

  // From outside the counted way, for filling and for looking.
  void put(const std::string& bucket, const std::string& key, std::string bytes);
  std::string listing(const std::string& bucket, std::string_view prefix) const;

 private:
  using Bucket = std::map<std::string, Object, std::less<>>;

  Answer of_bucket(const Request& request, const std::string& name);
  Answer of_object(const Request& request, Bucket& bucket, const std::string& key);
  Answer put_object(const Request& request, Bucket& bucket, const std::string& key);
  Answer copy(const Request& request, Bucket& bucket, const std::string& key);
  Answer look(const Request& request, const Object& object);
  Answer list(const Request& request, const std::string& name, const Bucket& bucket);
  Answer versions(const Request& request, const Bucket& bucket);
  Answer erase_many(const Request& request, Bucket& bucket);
  Object& store(Bucket& bucket, const std::string& key, Object object);

  std::map<std::string, Bucket, std::less<>> buckets_;
  std::uint64_t versions_ = 0;
};

// Is it a write to objects, to which S3's rate of 3,500/s for a prefix applies?
bool is_s3_write(const Request& request);
Answer s3_refusal(int status, std::string_view code, std::string_view message);

}  // namespace stub
