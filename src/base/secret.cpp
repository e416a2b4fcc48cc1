// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/digest.hpp"

namespace stepback {

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  return *this;
}

Secret::Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  other.wipe();
  return *this;
}

Secret::~Secret() { wipe(); }

bool Secret::matches(std::string_view guess) const { return equal_in_constant_time(text_, guess); }

// A plain assignment would be left out by the optimiser, and a string leaves its bytes behind.
void Secret::wipe() {
  OPENSSL_cleanse(text_.data(), text_.capacity());
  text_.clear();
}

Result<std::string> hash_of(const Secret& secret, std::string_view salt) {
  constexpr std::uint64_t cost = 1U << 14;
  constexpr std::uint64_t most_memory = std::uint64_t{64} * 1024 * 1024;
  Sha256Digest out{};
  const auto text = secret.reveal();
  const auto* bytes = reinterpret_cast<const unsigned char*>(salt.data());
  if (EVP_PBE_scrypt(text.data(), text.size(), bytes, salt.size(), cost, 8, 1, most_memory,
                     out.data(), out.size()) != 1)
    return fail(Code::unavailable, "there is not enough memory to check a token");
  return to_hex(out);
}

}  // namespace stepback
