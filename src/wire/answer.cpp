// SPDX-License-Identifier: Apache-2.0
#include "wire/answer.hpp"

#include "base/json.hpp"

namespace stepback {

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

}  // namespace stepback
