// SPDX-License-Identifier: Apache-2.0
#include "reports/reading.hpp"

#include <fmt/core.h>

#include <charconv>

#include "base/text.hpp"
#include "reports/read.hpp"

namespace stepback::reports {
namespace {

constexpr std::uint64_t largest_number = 1'000'000'000'000'000;
constexpr std::size_t longest_id = 400;
constexpr std::size_t longest_text = 300;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n";
  const auto from = text.find_first_not_of(white_space);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(white_space) - from + 1);
}

}  // namespace

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number <= largest_number ? std::optional(number) : std::nullopt;
}

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return small;
}

std::string_view first_line(std::string_view text) {
  text = trimmed(text);
  return trimmed(text.substr(0, text.find('\n')));
}

std::string joined(std::string_view a, std::string_view between, std::string_view b) {
  if (a.empty() || b.empty()) return std::string(a.empty() ? b : a);
  return fmt::format("{}{}{}", a, between, b);
}

Result<> FindingList::add(Finding finding) {
  if (findings_.size() == most_findings)
    return fail(Code::invalid, fmt::format("it has more than {} findings", most_findings));
  finding.id = one_line(trimmed(finding.id), longest_id);
  if (finding.id.empty()) finding.id = "without a name";
  finding.text = one_line(trimmed(finding.text), longest_text);
  finding.where = one_line(trimmed(finding.where), longest_id);
  finding.suppressed = one_line(trimmed(finding.suppressed), longest_text);
  findings_.push_back(std::move(finding));
  return {};
}

}  // namespace stepback::reports
