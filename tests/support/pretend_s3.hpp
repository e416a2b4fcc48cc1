// SPDX-License-Identifier: Apache-2.0
#pragma once

// An S3 in memory behind Connection::send: versions, delete markers, conditional writes,
// server-side copies, checksums, pages. What goes wrong is said before: for the next requests that
// match, or by chance from a seed. Any thread.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace stepback::testing {

class PretendS3 {
 public:
  struct Stored {
    std::string bytes;
    std::string etag;
    std::string sha256;  // base64; empty: put without one
    std::string storage_class;
    std::map<std::string, std::string> metadata;  // with their x-amz-meta-
  };

  enum class Fault {
    slow_down,    // 503, nothing done
    lost_reply,   // done, and no answer
    late_error,   // 200 with an error in it, nothing done
    denied,       // 403
    wrong_bytes,  // done, with one byte changed on the way
  };
  struct Plan {
    Fault fault = Fault::slow_down;
    std::string method;    // "PUT"; empty: any
    std::string contains;  // in the target; empty: any
    int skip = 0;          // so many of them go well before
    int times = 1;
  };

  Result<http::Response> send(const http::Call& call);

  void plan(Plan plan);
  void fail_by_chance(std::uint64_t seed, std::uint32_t per_thousand);
  // Called before each request is carried out, without the lock.
  std::function<void(const http::Call& call)> before;

  void put(const std::string& bucket, const std::string& key, Stored stored);  // ETag made here
  void remove(const std::string& bucket, const std::string& key);  // leaves a delete marker
  void drop(const std::string& bucket, const std::string& key);    // leaves nothing
  bool has(const std::string& bucket, const std::string& key);
  Stored at(const std::string& bucket, const std::string& key);
  std::vector<std::string> keys(const std::string& bucket);
  int count(const std::string& method, const std::string& contains);  // requests so far
  std::size_t page = 1000;
  bool knows_checksums = true;  // of copies: in their answers
  bool keeps_versions = true;   // as the bucket says
  std::string lifecycle;        // likewise; empty: it has none

 private:
  struct Request;
  struct Entry {
    bool is_there = false;
    Stored now;
    int older = 0;  // versions below the newest
  };
  using Bucket = std::map<std::string, Entry>;

  std::optional<Fault> fault_for(const std::string& method, const std::string& target);
  http::Response perform(const Request& request);
  http::Response put_object(const Request& request);
  http::Response copy_object(const Request& request);
  http::Response list(const Request& request);
  http::Response list_versions(const Request& request);
  http::Response delete_many(const Request& request);
  void store(Entry& entry, Stored stored);

  std::mutex mutex_;  // guards all below
  std::map<std::string, Bucket> buckets_;
  std::vector<Plan> plans_;
  std::vector<std::string> log_;
  Random random_{1};
  std::uint32_t per_thousand_ = 0;
};

}  // namespace stepback::testing
