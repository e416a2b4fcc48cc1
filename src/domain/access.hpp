// SPDX-License-Identifier: Apache-2.0
#pragma once

// Access: who may do what through the server. A person or a machine is known by a token, of which
// only a hash is kept; its role says what they may. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback {

enum class CallerRole { viewer, operator_, approver };
template <>
inline constexpr Names<CallerRole, CallerRole::approver> names_of<CallerRole>{"viewer", "operator",
                                                                              "approver"};

enum class Right {
  read,
  act,      // roll back, hold, release, cancel
  approve,  // let a run of the pipeline go on
};
template <>
inline constexpr Names<Right, Right::approve> names_of<Right>{"read", "act", "approve"};

bool may(CallerRole role, Right right);

struct Caller {
  std::string name;
  CallerRole role = CallerRole::viewer;

  bool operator==(const Caller&) const = default;
};

// One token, as it is kept.
struct TokenRecord {
  std::string id;  // the part of the token that is no secret
  std::string name;
  CallerRole role = CallerRole::viewer;
  std::string salt;
  std::string hash;  // of the secret part, with the salt
  Instant added_at;

  bool operator==(const TokenRecord&) const = default;
};
using TokenRecords = std::vector<TokenRecord>;

// "stepback_ID_SECRET": where the parts are. None: no token of ours.
struct TokenParts {
  std::string_view id;
  std::string_view secret;
};
Result<TokenParts> parts_of_token(std::string_view token);
std::string token_of(const TokenParts& parts);

// A name that goes into records, logs and notices: 1 to 64 letters, digits, and .@-_
Result<std::string> parse_caller_name(std::string_view text);

// conflict: the name has one already.
Result<TokenRecords> add_token(TokenRecords records, TokenRecord added);
// not_found: nobody is called so.
Result<TokenRecords> remove_token(TokenRecords records, std::string_view name);

}  // namespace stepback
