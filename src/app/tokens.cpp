// SPDX-License-Identifier: Apache-2.0
#include "app/tokens.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/descriptor.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace stepback {
namespace {

constexpr std::string_view schema = "stepback/v1/tokens";
constexpr std::size_t longest_file = std::size_t{1024} * 1024;
constexpr std::size_t id_digits = 12;

Error trouble(const std::string& path) {
  return {Code::denied, path + ": " + std::strerror(errno)};
}

Result<std::string> read_whole(const std::string& path, int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto count = read(descriptor, part.data(), part.size());
    if (count < 0) return fail(trouble(path));
    if (count == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > longest_file) return fail(Code::corrupt, path + " is too large");
  }
}

Result<TokenRecord> read_record(const json::Reader& reader) {
  TokenRecord record{.id = TRY(reader.text("id"))};
  record.name = TRY(reader.text("name"));
  const auto role = named<CallerRole>(TRY(reader.text("role")));
  if (!role) return fail(reader.wrong("role", "expected viewer, operator or approver"));
  record.role = *role;
  record.salt = TRY(reader.text("salt"));
  record.hash = TRY(reader.text("hash"));
  record.added_at = TRY(reader.instant("addedAt"));
  return record;
}

Result<TokenRecords> decode(std::string_view text) {
  const auto value = TRY(json::parse(text, {.bytes = longest_file}));
  const json::Reader reader(value);
  if (TRY(reader.text("schema")) != schema)
    return fail(reader.wrong("schema", "expected " + std::string(schema)));
  TokenRecords records;
  for (const auto& each : TRY(reader.array("tokens"))) records.push_back(TRY(read_record(each)));
  return records;
}

std::string encode(const TokenRecords& records) {
  json::Array tokens;
  for (const auto& each : records) {
    tokens.push_back(json::Object{{"id", json::Value(each.id)},
                                  {"name", json::Value(each.name)},
                                  {"role", json::Value(name_of(each.role))},
                                  {"salt", json::Value(each.salt)},
                                  {"hash", json::Value(each.hash)},
                                  {"addedAt", json::Value(to_rfc3339(each.added_at))}});
  }
  return json::write_pretty(
             json::Object{{"schema", json::Value(schema)}, {"tokens", std::move(tokens)}}) +
         "\n";
}

Result<> write_all(const std::string& path, int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = write(descriptor, text.data(), text.size());
    if (count < 0) return fail(trouble(path));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(descriptor) != 0) return fail(trouble(path));
  return {};
}

std::string fresh_digits() {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += std::to_string(entropy()) + "/";
  return sha256_hex(bytes);
}

// One who changes it at a time.
Result<Descriptor> lock(const std::string& path) {
  const auto name = path + ".lock";
  Descriptor held(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (held.number() < 0 || flock(held.number(), LOCK_EX) != 0) return fail(trouble(name));
  return held;
}

}  // namespace

Result<TokenRecords> read_tokens(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.number() < 0 && errno == ENOENT) return TokenRecords{};
  struct stat facts{};
  if (file.number() < 0 || fstat(file.number(), &facts) != 0) return fail(trouble(path));
  if ((facts.st_mode & 077) != 0)
    return fail(Code::denied, path + " can be read or written by others; chmod 600 mends it");
  const auto text = TRY(read_whole(path, file.number()));
  auto records = decode(text);
  if (!records) return fail(Code::corrupt, path + ": " + records.error().message);
  return records;
}

Result<> write_tokens(const std::string& path, const TokenRecords& records) {
  const auto beside = path + ".new";
  const Descriptor file(
      open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) return fail(trouble(beside));
  TRY(write_all(beside, file.number(), encode(records)));
  if (std::rename(beside.c_str(), path.c_str()) != 0) return fail(trouble(path));
  return {};
}

Result<std::string> add_token(const std::string& path, const std::string& name, CallerRole role,
                              Instant now) {
  TokenRecord record{
      .name = TRY(parse_caller_name(name)), .role = role, .salt = fresh_digits(), .added_at = now};
  record.id = fresh_digits().substr(0, id_digits);
  const auto secret = fresh_digits();
  record.hash = TRY(hash_of(Secret(secret), record.salt));
  const auto held = TRY(lock(path));
  auto records = TRY(read_tokens(path));
  const auto id = record.id;
  const auto all = TRY(add_token(std::move(records), std::move(record)));
  TRY(write_tokens(path, all));
  return token_of({id, secret});
}

Result<> remove_token(const std::string& path, const std::string& name) {
  const auto held = TRY(lock(path));
  auto records = TRY(read_tokens(path));
  const auto left = TRY(remove_token(std::move(records), std::string_view(name)));
  return write_tokens(path, left);
}

TokenFile::Stamp TokenFile::stamp() const {
  struct stat facts{};
  if (stat(path_.c_str(), &facts) != 0) return {};
  return {facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size, facts.st_ino};
}

TokenRecords TokenFile::now() {
  const std::lock_guard guard(mutex_);
  const auto seen = stamp();
  if (read_at_ == seen) return records_;
  if (auto records = read_tokens(path_)) {
    records_ = *std::move(records);
  } else {
    // Somebody has tokens, and nobody can be told by them: so there is one that fits nobody.
    records_ = {TokenRecord{.id = "unreadable", .name = "nobody"}};
  }
  read_at_ = seen;
  return records_;
}

Result<> TokenFile::check() {
  TRY(read_tokens(path_));
  return {};
}

}  // namespace stepback
