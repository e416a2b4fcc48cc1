// SPDX-License-Identifier: Apache-2.0
#include "wire/answer.hpp"

#include "base/json.hpp"

namespace stepback {
namespace {

std::string list_of(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) {
    if (list.size() > 1) list += ',';
    json::append_quoted(list, text);
  }
  return list + ']';
}

}  // namespace

std::string answer_of(const TriggerRecord& record) {
  std::string body = R"({"schema":"stepback/v1/answer","decision":")";
  body += name_of(record.disposition);
  body += R"(","id":)";
  json::append_quoted(body, record.key);
  body += R"(,"why":)";
  json::append_quoted(body, record.why);
  if (record.rollback) body += R"(,"rollback":")" + record.rollback->text + '"';
  body += '}';
  return body;
}

std::string answers_of(const Answers& answers) {
  std::string body = R"({"schema":"stepback/v1/answers","answers":[)";
  for (bool first = true; const auto& record : answers.records) {
    if (!first) body += ',';
    first = false;
    body += answer_of(record);
  }
  return body + R"(],"refused":)" + list_of(answers.refused) + R"(,"passedOver":)" +
         list_of(answers.passed_over) + '}';
}

}  // namespace stepback
