// SPDX-License-Identifier: Apache-2.0
#pragma once

// SHA-256 and HMAC-SHA-256, by OpenSSL. The functions may be called from any thread; a Sha256
// belongs to one.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct evp_md_ctx_st;

namespace stepback {

using Sha256Digest = std::array<std::uint8_t, 32>;

std::string to_hex(const Sha256Digest& digest);  // 64 lower-case digits

Sha256Digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// The whole file behind an open descriptor, from its first byte, whatever its offset, which stays.
Result<std::string> sha256_file(int descriptor);

// Reads both to the end, so that the time taken does not tell how much of a guess was right. It
// does tell whether the lengths differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// For bytes that come in parts.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  Sha256Digest finish();  // and begins anew

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace stepback
