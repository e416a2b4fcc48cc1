// SPDX-License-Identifier: Apache-2.0
#include "wire/chain.hpp"

#include <fmt/core.h>

#include <utility>

#include "base/ensure.hpp"
#include "base/json.hpp"

namespace stepback {

std::string record_of(const Head& head) { return "head/" + head.environment.name; }
std::string record_of(const Rollback& rollback) { return "rollback/" + rollback.id.text; }
std::string record_of(const Deployment& deployment) { return "deployment/" + deployment.id.text; }
std::string record_of(const TriggerRecord& trigger) { return "trigger/" + trigger.key; }
std::string record_of(const Notice& notice) { return "notice/" + notice.key; }

std::string body_of(const std::string& document, std::uint64_t sequence,
                    const std::vector<Mark>& changed, const std::vector<std::string>& gone) {
  ENSURE(document.ends_with('}'));
  std::string body = document.substr(0, document.size() - 1);
  body += fmt::format(",\"sequence\":{}", sequence);
  if (!changed.empty()) {
    body += ",\"records\":{";
    for (bool first = true; const Mark& mark : changed) {
      if (!std::exchange(first, false)) body += ',';
      json::append_quoted(body, mark.record);
      body += fmt::format(":[{},\"{}\"]", mark.revision, mark.digest);
    }
    body += '}';
  }
  if (!gone.empty()) {
    body += ",\"gone\":[";
    for (bool first = true; const std::string& record : gone) {
      if (!std::exchange(first, false)) body += ',';
      json::append_quoted(body, record);
    }
    body += ']';
  }
  body += '}';
  return body;
}

std::string hash_of(std::string_view hash_before, std::string_view body) {
  Sha256 hash;
  hash.add(hash_before);
  hash.add(body);
  return to_hex(hash.finish());
}

}  // namespace stepback
