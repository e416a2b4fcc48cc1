// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <openssl/crypto.h>

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

}  // namespace stepback
