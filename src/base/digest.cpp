// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/ensure.hpp"

namespace stepback {
namespace {

// Looked up once: by name it costs more than hashing a short text. Never freed, as the program
// needs it to its end.
const EVP_MD* algorithm() {
  static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  ENSURE(found != nullptr);
  return found;
}

}  // namespace

std::string to_hex(const Sha256Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256Digest digest;
  ENSURE(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm(), nullptr) == 1);
  return digest;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest;
  unsigned int size = digest.size();
  // An empty key needs an address all the same: OpenSSL takes null for "the key of last time".
  const char* start = key.empty() ? "" : key.data();
  ENSURE(HMAC(algorithm(), start, static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(),
              &size) != nullptr);
  return digest;
}

Result<std::string> sha256_file(int descriptor) {
  Sha256 hash;
  std::vector<char> buffer(128 * 1024);
  for (off_t offset = 0;;) {
    const ssize_t count = pread(descriptor, buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(Code::unavailable, std::string("reading a file to hash it: ") + strerror(errno));
    }
    if (count == 0) return to_hex(hash.finish());
    hash.add({buffer.data(), static_cast<std::size_t>(count)});
    offset += count;
  }
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  ENSURE(context_ != nullptr);
  ENSURE(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) == 1);
}

void Sha256::add(std::string_view bytes) {
  ENSURE(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  ENSURE(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  ENSURE(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) == 1);
  return digest;
}

}  // namespace stepback
