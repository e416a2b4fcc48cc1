// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"

namespace stepback::cli {
namespace {

json::Value token_document(const TokenRecord& record) {
  json::Object document;
  document["schema"] = "stepback/v1/token";
  document["name"] = json::Value(record.name);
  document["role"] = json::Value(name_of(record.role));
  document["addedAt"] = json::Value(to_rfc3339(record.added_at));
  return document;
}

}  // namespace

Answered<> perform(const TokenAddOptions& options, Session& session) {
  TRY(session.may_change("adding a token"));
  const auto token =
      TRY(told(session.application().add_token(session.global(), options.name, options.role),
               {.what = options.name + " was given no token", .attempt = "stepback token list"}));
  session.terminal().out << token << '\n';
  session.remark({fmt::format("{} is {} from now on; this token is shown only once", options.name,
                              name_of(options.role)),
                  fmt::format("undo: stepback token remove {}", options.name)});
  return Exit::done;
}

Answered<> perform(const TokenListOptions& /*options*/, Session& session) {
  const auto records =
      TRY(told(session.application().tokens(session.global()),
               {.what = "the tokens cannot be read", .attempt = "stepback config show"}));
  Answer answer;
  answer.rows = Table({{"NAME"}, {"ROLE"}, {"SINCE"}});
  for (const auto& record : records) {
    answer.rows.add({record.name, name_of(record.role), date_and_minute(record.added_at)});
    answer.list.push_back(token_document(record));
    answer.ids.push_back(record.name);
  }
  answer.screen = answer.rows.empty() ? Screen{"nobody has a token"}
                                      : answer.rows.screen(!session.global().no_header);
  answer.document = list_document("tokens", "tokens", answer.list);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const TokenRemoveOptions& options, Session& session) {
  TRY(session.may_change("taking a token back"));
  TRY(told(session.application().remove_token(session.global(), options.name),
           {.what = options.name + " keeps what they have", .attempt = "stepback token list"}));
  session.remark({fmt::format("the token of {} is good for nothing any more", options.name)});
  return Exit::done;
}

}  // namespace stepback::cli
