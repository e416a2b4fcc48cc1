// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each reader of a report needs: findings with a limit to their number and their texts fit for
// a line, and numbers that are whole or none. Used in this folder only. Plain values, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/gate.hpp"

namespace stepback::reports {

// Decimal digits and nothing else, at most 10^15.
std::optional<std::uint64_t> whole_number(std::string_view text);

std::string in_small_letters(std::string_view text);  // ASCII

// The first line that has something in it.
std::string_view first_line(std::string_view text);

std::string joined(std::string_view a, std::string_view between, std::string_view b);

class FindingList {
 public:
  // Its texts are cut and made one line each. invalid: there are too many.
  Result<> add(Finding finding);
  std::vector<Finding> take() { return std::move(findings_); }
  bool empty() const { return findings_.empty(); }

 private:
  std::vector<Finding> findings_;
};

}  // namespace stepback::reports
