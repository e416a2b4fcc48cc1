// SPDX-License-Identifier: Apache-2.0
#pragma once

// A token, key or password. It shows as "***" wherever it is printed, it is overwritten when it
// goes, and only reveal() gives the text: so whoever lets one out must write that word.

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace stepback {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  // Takes as long for a wrong guess as for a right one of the same length.
  bool matches(std::string_view guess) const;

  bool operator==(const Secret& other) const { return matches(other.text_); }
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  void wipe();

  std::string text_;
};

// For keeping what proves a secret without the secret: hexadecimal, by scrypt (N 2^14, r 8, p 1:
// 16 MiB and some 40 ms), so that a copied file does not give it away.
Result<std::string> hash_of(const Secret& secret, std::string_view salt);

}  // namespace stepback
