// SPDX-License-Identifier: Apache-2.0
// The audit of SqliteStore: everything is read, at one moment, and held against what was written.
#include <fmt/core.h>

#include <unordered_map>

#include "adapters/sqlite/inside.hpp"
#include "adapters/sqlite/prepared.hpp"
#include "domain/deploying.hpp"

namespace stepback {
namespace sqlite {
namespace {

constexpr std::size_t most_findings = 1000;  // whoever has more knows enough

class Auditor {
 public:
  explicit Auditor(Database& database) : database_(&database) {}

  // An error is one of reading; what is wrong with what was read becomes a finding.
  Result<> look() {
    TRY(database_->begin_reading());
    TRY(look_at_file());
    TRY(look_at_journal());
    TRY(look_at_chains());
    TRY(look_at_heads());
    TRY(look_at_rollbacks());
    TRY(look_at_deployments());
    TRY(look_at_triggers());
    TRY(look_at_notices());
    look_for_missing();
    return look_at_tally();
  }

  void found(std::string finding) {
    if (report_.findings.size() < most_findings) report_.findings.push_back(std::move(finding));
  }

  AuditReport take() { return std::move(report_); }

 private:
  struct Chain {
    std::uint64_t sequence = 0;
    std::string hash;
  };
  struct Named {  // what the journal says of a record, the newest
    Mark mark;
    bool is_gone = false;
    bool is_seen = false;
  };

  Result<> look_at_file() {
    auto rows = TRY(database_->query("PRAGMA quick_check"));
    while (TRY(rows.next())) {
      if (const std::string text = rows.text(0); text != "ok") found("the file: " + text);
    }
    return {};
  }

  Result<> look_at_journal() {
    auto rows = TRY(database_->query(
        "SELECT environment, sequence, hash, body, rollback FROM journal ORDER BY position"));
    while (TRY(rows.next())) {
      ++report_.entries;
      const std::string environment = rows.text(0);
      const std::uint64_t sequence = rows.count(1);
      Chain& chain = chains_[environment];
      const std::string name = fmt::format("journal of {}, entry {}", environment, sequence);
      if (sequence != chain.sequence + 1) {
        found(fmt::format("{}: it follows entry {}", name, chain.sequence));
      }
      const std::string body = rows.text(3);
      if (hash_of(chain.hash, body) != rows.text(2)) {
        found(name + ": its hash does not match; it or the one before was changed");
      }
      chain = {sequence, rows.text(2)};
      const auto read = look_at_body(body, environment, sequence, rows.text(4));
      if (!read) found(name + ": " + read.error().message);
    }
    return {};
  }

  Result<> look_at_body(const std::string& body, const std::string& environment,
                        std::uint64_t sequence, const std::string& rollback) {
    const auto value = TRY(json::parse(body, {.bytes = longest_document}));
    const auto entry = TRY(from_json<JournalEntry>(value));
    const json::Reader reader(value);
    const auto own_sequence = TRY(reader.integer("sequence"));
    if (entry.environment.name != environment ||
        own_sequence != static_cast<std::int64_t>(sequence) ||
        (entry.rollback ? entry.rollback->text : "") != rollback) {
      return fail(Code::corrupt, "its row says something else than it does");
    }
    for (const auto& gone : TRY(reader.optional_array("gone"))) {
      const std::string record = TRY(gone.as_text());
      named_[record].is_gone = true;
    }
    const auto records = TRY(reader.optional_object("records"));
    if (!records) return {};
    for (const auto& [record, parts] : TRY(records->members())) {
      const auto pair = TRY(parts.as_array());
      if (pair.size() != 2) return fail(parts.wrong("expected a revision and a digest"));
      const auto revision = static_cast<std::uint64_t>(TRY(pair[0].as_integer()));
      Named& named = named_[record];
      if (revision < named.mark.revision && !named.is_gone) continue;
      auto digest = TRY(pair[1].as_text());
      named = {.mark = {record, revision, std::move(digest)}};
    }
    return {};
  }

  Result<> look_at_chains() {
    auto rows = TRY(database_->query("SELECT environment, sequence, hash FROM chains"));
    while (TRY(rows.next())) {
      const std::string environment = rows.text(0);
      const Chain end = chains_[environment];
      if (end.sequence != rows.count(1) || end.hash != rows.text(2)) {
        found(fmt::format("journal of {}: it ends with entry {}, and should with {}", environment,
                          end.sequence, rows.integer(1)));
      }
      chains_.erase(environment);
    }
    for (const auto& [environment, chain] : chains_) {
      found(fmt::format("journal of {}: nothing tells where it should end", environment));
    }
    return {};
  }

  // The first columns of a row are revision, digest and document; what follows is compared with
  // what `columns_of` makes of the record.
  template <Record T, class ColumnsOf>
  Result<> look_at_records(std::string_view sql, ColumnsOf columns_of) {
    auto rows = TRY(database_->query(sql));
    while (TRY(rows.next())) {
      ++report_.records;
      const std::string document = rows.text(2);
      const auto record = from_document<T>(document);
      if (!record) {
        found(
            fmt::format("{}: a document can't be read: {}", schema_of<T>, record.error().message));
        continue;
      }
      const Mark mark{record_of(*record), rows.count(0), rows.text(1)};
      tally_.add(mark);
      if (sha256_hex(document) != mark.digest) {
        found(mark.record + ": its document was changed: the digest differs");
      }
      if (columns_of(*record) != columns_of(rows)) {
        found(mark.record + ": its row says something else than its document");
      }
      compare_with_journal(mark);
    }
    return {};
  }

  void compare_with_journal(const Mark& mark) {
    const auto known = named_.find(mark.record);
    // Written without an entry, for the first time or after it expired: the tally has it.
    if (known == named_.end() || known->second.is_gone) return;
    Named& named = known->second;
    named.is_seen = true;
    if (mark.revision < named.mark.revision) {
      found(fmt::format("{}: it is at revision {}, and the journal knows {}: an older copy?",
                        mark.record, mark.revision, named.mark.revision));
    } else if (mark.revision == named.mark.revision && mark.digest != named.mark.digest) {
      found(mark.record + ": it is not what the journal says of it");
    }
  }

  Result<> look_at_heads();
  Result<> look_at_rollbacks();
  Result<> look_at_deployments();
  Result<> look_at_triggers();
  Result<> look_at_notices();

  void look_for_missing() {
    for (const auto& [record, named] : named_) {
      if (!named.is_seen && !named.is_gone) {
        found(record + ": it is missing; the journal knows of it");
      }
    }
  }

  Result<> look_at_tally() {
    const auto expected = TRY(database_->word("SELECT tally FROM meta WHERE id = 1"));
    if (expected != tally_.text()) {
      found("the sum over all records differs: some were changed, added or removed");
    }
    return {};
  }

  Database* database_;
  AuditReport report_;
  std::unordered_map<std::string, Chain> chains_;
  std::unordered_map<std::string, Named> named_;
  Tally tally_;
};

// How a row's own columns and a record's would look side by side.
template <class... Parts>
std::string joined(const Parts&... parts) {
  std::string text;
  ((text += fmt::format("{}\n", parts)), ...);
  return text;
}

struct HeadColumns {
  std::string operator()(const Head& it) const {
    return joined(it.revision, it.environment.name, it.slot ? it.slot->text : "");
  }
  std::string operator()(const Query& row) const {
    return joined(row.count(0), row.text(3), row.text(4));
  }
};

struct RollbackColumns {
  std::string operator()(const Rollback& it) const {
    return joined(it.revision, it.id.text, it.environment.name, int{is_active(it)}, wake_of(it).ms,
                  it.lease.holder, it.lease.epoch, it.lease.expires_at.ms, it.accepted_at.ms,
                  it.ended_at.value_or(it.accepted_at).ms);
  }
  std::string operator()(const Query& row) const {
    return joined(row.count(0), row.text(3), row.text(4), row.integer(5), row.integer(6),
                  row.text(7), row.integer(8), row.integer(9), row.integer(10), row.integer(11));
  }
};

struct DeploymentColumns {
  std::string operator()(const Deployment& it) const {
    return joined(it.revision, it.id.text, it.environment.name, name_of(it.status),
                  int{is_unfinished(it)}, it.started_at.ms, it.ended_at.value_or(it.started_at).ms,
                  it.rollback ? it.rollback->text : "");
  }
  std::string operator()(const Query& row) const {
    return joined(row.count(0), row.text(3), row.text(4), row.text(5), row.integer(6),
                  row.integer(7), row.integer(8), row.text(9));
  }
};

struct TriggerColumns {
  std::string operator()(const TriggerRecord& it) const {
    return joined(1, it.key, it.environment ? it.environment->name : "",
                  it.rollback ? it.rollback->text : "", it.received_at.ms);
  }
  std::string operator()(const Query& row) const {
    return joined(row.count(0), row.text(3), row.text(4), row.text(5), row.integer(6));
  }
};

struct NoticeColumns {
  std::string operator()(const Notice& it) const { return joined(1, it.key, it.at.ms); }
  std::string operator()(const Query& row) const {
    return joined(row.count(0), row.text(3), row.integer(4));
  }
};

Result<> Auditor::look_at_heads() {
  return look_at_records<Head>("SELECT revision, digest, document, environment, slot FROM heads",
                               HeadColumns{});
}

Result<> Auditor::look_at_rollbacks() {
  return look_at_records<Rollback>(
      "SELECT revision, digest, document, id, environment, active, wake_at, lease_holder,"
      " lease_epoch, lease_expires_at, accepted_at, ended_at FROM rollbacks",
      RollbackColumns{});
}

Result<> Auditor::look_at_deployments() {
  return look_at_records<Deployment>(
      "SELECT revision, digest, document, id, environment, status, unfinished, started_at,"
      " ended_at, rollback FROM deployments",
      DeploymentColumns{});
}

Result<> Auditor::look_at_triggers() {
  return look_at_records<TriggerRecord>(
      "SELECT 1, digest, document, key, environment, rollback, received_at FROM triggers",
      TriggerColumns{});
}

Result<> Auditor::look_at_notices() {
  return look_at_records<Notice>("SELECT 1, digest, document, key, at FROM outbox",
                                 NoticeColumns{});
}

}  // namespace
}  // namespace sqlite

Result<AuditReport> SqliteStore::audit() {
  auto reader = TRY(inside_->readers.borrow());
  sqlite::Auditor auditor(*reader);
  const auto looked = auditor.look();
  if (!looked && looked.error().code != Code::corrupt) return fail(looked.error());
  if (!looked) auditor.found("the rest can't be read: " + looked.error().message);
  return auditor.take();
}

}  // namespace stepback
