// SPDX-License-Identifier: Apache-2.0
#include "domain/access.hpp"

#include <algorithm>

namespace stepback {
namespace {

constexpr std::string_view beginning = "stepback_";
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_token = 256;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool may(CallerRole role, Right right) {
  switch (right) {
    case Right::read: return true;
    case Right::act: return role != CallerRole::viewer;
    case Right::approve: return role == CallerRole::approver;
  }
  std::unreachable();
}

Result<TokenParts> parts_of_token(std::string_view token) {
  const Error error{Code::denied, "this is no token of Stepback's"};
  if (!token.starts_with(beginning) || token.size() > longest_token) return fail(error);
  token.remove_prefix(beginning.size());
  const auto between = token.find('_');
  if (between == std::string_view::npos) return fail(error);
  const TokenParts parts{token.substr(0, between), token.substr(between + 1)};
  if (parts.id.empty() || parts.secret.empty()) return fail(error);
  if (!std::ranges::all_of(parts.id, is_plain) || !std::ranges::all_of(parts.secret, is_plain))
    return fail(error);
  return parts;
}

std::string token_of(const TokenParts& parts) {
  return std::string(beginning) + std::string(parts.id) + "_" + std::string(parts.secret);
}

Result<std::string> parse_caller_name(std::string_view text) {
  const bool fits =
      !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, [](char c) {
        return is_plain(c) || std::string_view(".@-_").find(c) != std::string_view::npos;
      });
  if (fits) return std::string(text);
  return fail(Code::invalid, "a name is 1 to 64 letters, digits, and . @ - _");
}

Result<TokenRecords> add_token(TokenRecords records, TokenRecord added) {
  const auto same = std::ranges::find(records, added.name, &TokenRecord::name);
  if (same != records.end())
    return fail(Code::conflict, added.name + " has a token already; remove it first");
  records.push_back(std::move(added));
  return records;
}

Result<TokenRecords> remove_token(TokenRecords records, std::string_view name) {
  if (std::erase_if(records, [&](const TokenRecord& each) { return each.name == name; }) == 0)
    return fail(Code::not_found, "nobody called " + std::string(name) + " has a token");
  return records;
}

}  // namespace stepback
