// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/prepared.hpp"

#include "base/digest.hpp"
#include "domain/deploying.hpp"
#include "wire/codec.hpp"

namespace stepback::sqlite {
namespace {

std::unexpected<Error> changed_meanwhile(const std::string& record) {
  return fail(Code::conflict, record + " was changed by somebody else");
}

template <class T, class Documents>
Result<> check_each_once(const std::vector<T>& records, const Documents& documents) {
  for (std::size_t i = 1; i < records.size(); ++i) {
    for (std::size_t before = 0; before < i; ++before) {
      if (documents[before].after.record != documents[i].after.record) continue;
      return fail(Code::invalid,
                  "one commit may not change " + documents[i].after.record + " twice");
    }
  }
  return {};
}

template <class Id>
Bound id_or_nothing(const std::optional<Id>& id) {
  return id ? Bound(id->text) : Bound(std::nullopt);
}

constexpr std::string_view insert_deployment =
    "INSERT INTO deployments (id, environment, status, unfinished, started_at, latest_start,"
    " ended_at, rollback, revision, digest, document)"
    " VALUES (?1, ?2, ?3, ?4, ?5, max(?5, coalesce((SELECT latest_start FROM deployments"
    " ORDER BY sequence DESC LIMIT 1), ?5)), ?6, ?7, ?8, ?9, ?10)";
constexpr std::string_view update_deployment =
    "UPDATE deployments SET environment = ?2, status = ?3, unfinished = ?4, started_at = ?5,"
    " ended_at = ?6, rollback = ?7, revision = ?8, digest = ?9, document = ?10 WHERE id = ?1";
constexpr std::string_view insert_rollback =
    "INSERT INTO rollbacks (id, environment, active, wake_at, lease_holder, lease_epoch,"
    " lease_expires_at, accepted_at, ended_at, revision, digest, document)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
constexpr std::string_view update_rollback =
    "UPDATE rollbacks SET environment = ?2, active = ?3, wake_at = ?4, lease_holder = ?5,"
    " lease_epoch = ?6, lease_expires_at = ?7, accepted_at = ?8, ended_at = ?9, revision = ?10,"
    " digest = ?11, document = ?12 WHERE id = ?1";

}  // namespace

Prepared::Prepared(const Commit& commit) : commit_(&commit) {
  const auto counted = [](auto record) {
    ++record.revision;
    Document document{.text = to_document(record)};
    document.after = {record_of(record), record.revision, sha256_hex(document.text)};
    return document;
  };
  const auto final = [](const auto& record) {  // what is never changed has one revision
    Document document{.text = to_document(record)};
    document.after = {record_of(record), 1, sha256_hex(document.text)};
    return document;
  };
  if (commit.trigger) trigger_ = final(*commit.trigger);
  for (const auto& rollback : commit.rollbacks) rollbacks_.push_back(counted(rollback));
  for (const auto& head : commit.heads) heads_.push_back(counted(head));
  for (const auto& deployment : commit.deployments) deployments_.push_back(counted(deployment));
  for (const auto& notice : commit.notices) notices_.push_back(final(notice));
  for (const auto& entry : commit.journal) entries_.push_back(to_document(entry));
}

// --- conditions ---------------------------------------------------------------------------------

Result<> Prepared::check(Book& book) {
  TRY(check_each_once(commit_->heads, heads_));
  TRY(check_each_once(commit_->rollbacks, rollbacks_));
  TRY(check_each_once(commit_->deployments, deployments_));
  TRY(check_trigger(book.database()));
  TRY(check_heads(book.database()));
  TRY(check_rollbacks(book.database()));
  TRY(check_deployments(book.database()));
  return check_notices(book.database());
}

Result<> Prepared::check_trigger(Database& database) const {
  if (!commit_->trigger) return {};
  auto query = TRY(database.query("SELECT 1 FROM triggers WHERE key = ?", {commit_->trigger->key}));
  const bool found = TRY(query.next());
  if (!found) return {};
  return fail(Code::conflict, "trigger " + commit_->trigger->key + " is there already");
}

Result<> Prepared::check_heads(Database& database) {
  const auto look = [&](const Head& head) -> Result<Mark> {
    auto query = TRY(database.query("SELECT revision, digest FROM heads WHERE environment = ?",
                                    {head.environment.name}));
    Mark mark;
    if (TRY(query.next())) mark = {record_of(head), query.count(0), query.text(1)};
    if (mark.revision != head.revision) return changed_meanwhile(record_of(head));
    return mark;
  };
  for (std::size_t i = 0; i < heads_.size(); ++i) heads_[i].before = TRY(look(commit_->heads[i]));
  for (const auto& head : commit_->unchanged_heads) TRY(look(head));
  return {};
}

Result<> Prepared::check_rollbacks(Database& database) {
  for (std::size_t i = 0; i < rollbacks_.size(); ++i) {
    const Rollback& rollback = commit_->rollbacks[i];
    auto query = TRY(database.query("SELECT revision, digest, active FROM rollbacks WHERE id = ?",
                                    {rollback.id.text}));
    Mark& mark = rollbacks_[i].before;
    mark = {};
    const bool found = TRY(query.next());
    if (found) mark = {record_of(rollback), query.count(0), query.text(1)};
    if (mark.revision != rollback.revision) return changed_meanwhile(record_of(rollback));
    if (found && query.integer(2) == 0) {
      return fail(Code::conflict, record_of(rollback) + " has ended and stays as it is");
    }
  }
  return {};
}

Result<> Prepared::check_deployments(Database& database) {
  for (std::size_t i = 0; i < deployments_.size(); ++i) {
    const Deployment& deployment = commit_->deployments[i];
    auto query = TRY(database.query(
        "SELECT revision, digest, environment, started_at FROM deployments WHERE id = ?",
        {deployment.id.text}));
    Mark& mark = deployments_[i].before;
    mark = {};
    const bool found = TRY(query.next());
    if (found) mark = {record_of(deployment), query.count(0), query.text(1)};
    if (mark.revision != deployment.revision) return changed_meanwhile(record_of(deployment));
    if (found && (query.text(2) != deployment.environment.name ||
                  query.integer(3) != deployment.started_at.ms)) {
      return fail(Code::invalid,
                  record_of(deployment) + " keeps its environment and the time it started");
    }
  }
  return {};
}

// A notice is told once for its key: one that is there already is left as it is.
Result<> Prepared::check_notices(Database& database) {
  for (std::size_t i = 0; i < notices_.size(); ++i) {
    const std::string& key = commit_->notices[i].key;
    auto query = TRY(database.query("SELECT 1 FROM outbox WHERE key = ?", {key}));
    bool is_there = TRY(query.next());
    for (std::size_t before = 0; before < i; ++before) {
      is_there = is_there || commit_->notices[before].key == key;
    }
    notices_[i].before.record = is_there ? notices_[i].after.record : "";
  }
  return {};
}

// --- changes ------------------------------------------------------------------------------------

Result<> Prepared::write(Book& book) {
  std::vector<Mark> changed;
  if (commit_->trigger) TRY(write_trigger(book, changed));
  for (std::size_t i = 0; i < rollbacks_.size(); ++i) {
    TRY(write_rollback(book, commit_->rollbacks[i], rollbacks_[i]));
    changed.push_back(rollbacks_[i].after);
  }
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    TRY(write_head(book, commit_->heads[i], heads_[i]));
    changed.push_back(heads_[i].after);
  }
  for (std::size_t i = 0; i < deployments_.size(); ++i) {
    TRY(write_deployment(book, commit_->deployments[i], deployments_[i]));
    changed.push_back(deployments_[i].after);
  }
  for (std::size_t i = 0; i < notices_.size(); ++i) {
    if (!notices_[i].before.record.empty()) continue;
    TRY(write_notice(book, commit_->notices[i], notices_[i]));
    changed.push_back(notices_[i].after);
  }
  // The first entry names what was changed together with it.
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const JournalEntry& entry = commit_->journal[i];
    TRY(book.append({entry.environment, entry.rollback ? entry.rollback->text : "", entries_[i]},
                    changed, {}));
    changed.clear();
  }
  return {};
}

Result<> Prepared::write_trigger(Book& book, std::vector<Mark>& changed) {
  const TriggerRecord& record = *commit_->trigger;
  book.replaced(trigger_.before, trigger_.after);
  changed.push_back(trigger_.after);
  const Bound environment =
      record.environment ? Bound(record.environment->name) : Bound(std::nullopt);
  return book.database().run(
      "INSERT INTO triggers (key, environment, rollback, received_at, digest, document)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      {record.key, environment, id_or_nothing(record.rollback), record.received_at,
       trigger_.after.digest, trigger_.text});
}

Result<> Prepared::write_rollback(Book& book, const Rollback& rollback, const Document& document) {
  book.replaced(document.before, document.after);
  const bool is_new = document.before.record.empty();
  return book.database().run(
      is_new ? insert_rollback : update_rollback,
      {rollback.id.text, rollback.environment.name, is_active(rollback), wake_of(rollback),
       rollback.lease.holder, rollback.lease.epoch, rollback.lease.expires_at, rollback.accepted_at,
       rollback.ended_at.value_or(rollback.accepted_at), document.after.revision,
       document.after.digest, document.text});
}

Result<> Prepared::write_head(Book& book, const Head& head, const Document& document) {
  book.replaced(document.before, document.after);
  return book.database().run(
      "INSERT INTO heads (environment, revision, slot, digest, document) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (environment) DO UPDATE SET revision = excluded.revision,"
      " slot = excluded.slot, digest = excluded.digest, document = excluded.document",
      {head.environment.name, document.after.revision, id_or_nothing(head.slot),
       document.after.digest, document.text});
}

Result<> Prepared::write_deployment(Book& book, const Deployment& deployment,
                                    const Document& document) {
  book.replaced(document.before, document.after);
  const bool is_new = document.before.record.empty();
  return book.database().run(
      is_new ? insert_deployment : update_deployment,
      {deployment.id.text, deployment.environment.name, name_of(deployment.status),
       is_unfinished(deployment), deployment.started_at,
       deployment.ended_at.value_or(deployment.started_at), id_or_nothing(deployment.rollback),
       document.after.revision, document.after.digest, document.text});
}

Result<> Prepared::write_notice(Book& book, const Notice& notice, const Document& document) {
  book.replaced(document.before, document.after);
  return book.database().run(
      "INSERT INTO outbox (key, closed, attempts, next_at, why, at, digest, document)"
      " VALUES (?, 0, 0, 0, '', ?, ?, ?)",
      {notice.key, notice.at, document.after.digest, document.text});
}

}  // namespace stepback::sqlite
