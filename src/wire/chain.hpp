// SPDX-License-Identifier: Apache-2.0
#pragma once

// Chain: how an environment's journal is sealed, the same in every store. Each entry's body is its
// document with its place in the chain and the marks of the records that changed with it; its hash
// covers the hash before it, so that a changed byte, a lost entry or a swapped one is found. Any
// thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"
#include "wire/codec.hpp"

namespace stepback {

// A stored document: which record it is ("rollback/rb-1"), and what it was when.
struct Mark {
  std::string record;
  std::uint64_t revision = 0;
  std::string digest;  // SHA-256 of the document's text, in hexadecimal

  bool operator==(const Mark&) const = default;
};

// How a mark names each record: "head/production", "rollback/rb-1".
std::string record_of(const Head& head);
std::string record_of(const Rollback& rollback);
std::string record_of(const Deployment& deployment);
std::string record_of(const TriggerRecord& trigger);
std::string record_of(const Notice& notice);

// `document` is a JSON object; `gone` names records that were removed.
std::string body_of(const std::string& document, std::uint64_t sequence,
                    const std::vector<Mark>& changed, const std::vector<std::string>& gone);
std::string hash_of(std::string_view hash_before, std::string_view body);

// A stored document as the record it is. corrupt: it is not what was written.
template <Record T>
Result<T> read_back(std::string_view what, const std::string& document, const std::string& digest) {
  if (sha256_hex(document) != digest) {
    return fail(Code::corrupt,
                std::string(what) + " was changed outside of this program: its digest differs");
  }
  auto record = from_document<T>(document);
  if (!record) return fail(Code::corrupt, std::string(what) + ": " + record.error().message);
  return record;
}

}  // namespace stepback
