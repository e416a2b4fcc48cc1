// SPDX-License-Identifier: Apache-2.0
#pragma once

// Prepared: a Commit with its documents written and hashed, which its caller does on its own
// thread before it queues for the one writer; and the two halves of carrying it out. check() reads
// every condition, write() then can fail by the disk only.

#include <string>
#include <vector>

#include "adapters/sqlite/book.hpp"
#include "ports/store.hpp"

namespace stepback::sqlite {

class Prepared {
 public:
  // The commit must outlive it.
  explicit Prepared(const Commit& commit);

  Result<> check(Book& book);
  Result<> write(Book& book);

 private:
  struct Document {
    Mark before;  // record is empty: there was none
    Mark after;
    std::string text;
  };

  Result<> check_trigger(Database& database) const;
  Result<> check_heads(Database& database);
  Result<> check_rollbacks(Database& database);
  Result<> check_deployments(Database& database);
  Result<> check_notices(Database& database);

  Result<> write_trigger(Book& book, std::vector<Mark>& changed);
  Result<> write_rollback(Book& book, const Rollback& rollback, const Document& document);
  Result<> write_head(Book& book, const Head& head, const Document& document);
  Result<> write_deployment(Book& book, const Deployment& deployment, const Document& document);
  Result<> write_notice(Book& book, const Notice& notice, const Document& document);

  const Commit* commit_;
  Document trigger_;
  std::vector<Document> rollbacks_;
  std::vector<Document> heads_;
  std::vector<Document> deployments_;
  std::vector<Document> notices_;
  std::vector<std::string> entries_;
};

}  // namespace stepback::sqlite
