// SPDX-License-Identifier: Apache-2.0
// The Ledger's half of DynamoStore: lists from the indexes, the journal, the audit, retention.
#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/items.hpp"
#include "adapters/aws/store.hpp"
#include "domain/retention.hpp"

namespace stepback::aws {
namespace {

constexpr std::size_t page = 200;  // of a list that is filtered here
// A deployment counts twice, and the entry that tells of them comes with them.
constexpr std::size_t most_erased_at_once = 45;

template <Record T>
Result<T> record_in(const Item& item) {
  return read_back<T>(text_in(item, "pk"), text_in(item, "document"), text_in(item, "digest"));
}

IndexQuery list_of(std::string_view name, const std::optional<Environment>& environment) {
  if (!environment)
    return {.index = "by-list",
            .partition_name = "list",
            .partition = std::string(name),
            .sort_name = "place",
            .at_most = std::nullopt,
            .newest_first = true};
  return {.index = "by-environment",
          .partition_name = "listed",
          .partition = fmt::format("{}#{}", name, environment->name),
          .sort_name = "place",
          .at_most = std::nullopt,
          .newest_first = true};
}

IndexQuery owned_by(const std::string& owner) {
  return {.index = "by-owner",
          .partition_name = "owner",
          .partition = owner,
          .sort_name = "place",
          .at_most = std::nullopt,
          .newest_first = false,
          .limit = SIZE_MAX};
}

// Page after page from the newest, until `limit` of them are accepted.
template <Record T, class Accept>
Result<std::vector<T>> newest(DynamoDb& table, IndexQuery query, std::size_t limit, Accept accept) {
  std::vector<T> found;
  query.limit = page;
  while (found.size() < limit) {
    const auto items = TRY(table.query(query));
    for (const auto& item : items) {
      if (found.size() >= limit) break;
      auto record = TRY(record_in<T>(item));
      if (accept(record)) found.push_back(std::move(record));
    }
    if (items.size() < query.limit) break;
    query.at_most = number_in(items.back(), "place") - 1;
  }
  return found;
}

Result<StoredEntry> entry_in(const Item& item) {
  auto entry = from_document<JournalEntry>(text_in(item, "body"));
  if (!entry) return fail(Code::corrupt, text_in(item, "pk") + ": " + entry.error().message);
  return StoredEntry{static_cast<std::uint64_t>(number_in(item, "sequence")), text_in(item, "hash"),
                     *std::move(entry)};
}

Result<std::vector<StoredEntry>> entries_in(const std::vector<Item>& items) {
  std::vector<StoredEntry> found;
  for (const auto& item : items) found.push_back(TRY(entry_in(item)));
  return found;
}

}  // namespace

Result<std::vector<Deployment>> DynamoStore::deployments(const DeploymentQuery& query) {
  return newest<Deployment>(
      table_, list_of("deployments", query.environment), query.limit,
      [&](const Deployment& deployment) { return matches(deployment, query); });
}

Result<std::vector<Deployment>> DynamoStore::unfinished() {
  auto items = TRY(table_.query({.index = "open",
                                 .partition_name = "open",
                                 .partition = "deployment",
                                 .sort_name = "due",
                                 .at_most = std::nullopt,
                                 .limit = SIZE_MAX}));
  std::ranges::sort(items, {}, [](const Item& item) { return number_in(item, "place"); });
  std::vector<Deployment> found;
  for (const auto& item : items) found.push_back(TRY(record_in<Deployment>(item)));
  return found;
}

Result<std::vector<Rollback>> DynamoStore::rollbacks(const RollbackQuery& query) {
  const auto accept = [&](const Rollback& rollback) { return matches(rollback, query); };
  if (!query.active_only)
    return newest<Rollback>(table_, list_of("rollbacks", query.environment), query.limit, accept);
  auto items = TRY(table_.query({.index = "open",
                                 .partition_name = "open",
                                 .partition = "rollback",
                                 .sort_name = "due",
                                 .at_most = std::nullopt,
                                 .limit = SIZE_MAX}));
  std::ranges::sort(items, std::greater(),
                    [](const Item& item) { return number_in(item, "place"); });
  std::vector<Rollback> found;
  for (const auto& item : items) {
    auto rollback = TRY(record_in<Rollback>(item));
    if (found.size() < query.limit && accept(rollback)) found.push_back(std::move(rollback));
  }
  return found;
}

Result<std::vector<StoredEntry>> DynamoStore::journal(const RollbackId& rollback) {
  return entries_in(TRY(table_.query(owned_by("journal#" + rollback.text))));
}

Result<std::vector<StoredEntry>> DynamoStore::journal(const Environment& environment,
                                                      std::uint64_t after, std::size_t limit) {
  if (limit == 0) return std::vector<StoredEntry>();
  return entries_in(TRY(table_.range(chain_key(environment).partition, sort_of(after + 1),
                                     sort_of(UINT64_MAX), limit)));
}

Result<std::vector<TriggerRecord>> DynamoStore::triggers(const RollbackId& rollback) {
  std::vector<TriggerRecord> found;
  for (const auto& item : TRY(table_.query(owned_by("triggers#" + rollback.text))))
    found.push_back(TRY(record_in<TriggerRecord>(item)));
  return found;
}

Result<std::vector<TriggerRecord>> DynamoStore::recent_triggers(
    const std::optional<Environment>& environment, std::size_t limit) {
  return newest<TriggerRecord>(table_, list_of("triggers", environment), limit,
                               [](const TriggerRecord&) { return true; });
}

// --- audit --------------------------------------------------------------------------------------

namespace {

// Walks one environment's chain, and remembers what each record was when it was last named.
class ChainReader {
 public:
  explicit ChainReader(AuditReport& report) : report_(report) {}

  void read(const std::string& chain, const Item& item) {
    const auto body = text_in(item, "body");
    const auto sequence = static_cast<std::uint64_t>(number_in(item, "sequence"));
    ++report_.entries;
    if (sequence != ends_[chain].sequence + 1)
      say(chain, fmt::format("entry {} follows entry {}", sequence, ends_[chain].sequence));
    if (hash_of(ends_[chain].hash, body) != text_in(item, "hash"))
      say(chain, fmt::format("entry {} is not what was written", sequence));
    ends_[chain] = {sequence, text_in(item, "hash")};
    remember(chain, body);
  }
  void read_end(const std::string& chain, const Item& item) {
    const auto sequence = static_cast<std::uint64_t>(number_in(item, "sequence"));
    if (sequence != ends_[chain].sequence || text_in(item, "hash") != ends_[chain].hash)
      say(chain, fmt::format("it ends with entry {}, and should with {}", ends_[chain].sequence,
                             sequence));
    ended_.insert(chain);
  }
  void check_ends() {
    for (const auto& [chain, end] : ends_)
      if (!ended_.contains(chain)) say(chain, "its end is not on record");
  }
  // A record as it is now, against what the journal last said of it.
  void check(const Mark& now) {
    const auto said = said_.find(now.record);
    if (said == said_.end()) return;
    if (now.revision < said->second.revision ||
        (now.revision == said->second.revision && now.digest != said->second.digest))
      say(now.record, fmt::format("it is at revision {}, the journal knows revision {}",
                                  now.revision, said->second.revision));
    said_.erase(said);
  }
  void check_missing() {
    for (const auto& [record, mark] : said_) say(record, "the journal names it, and it is gone");
  }

 private:
  void say(const std::string& where, const std::string& what) {
    report_.findings.push_back(where + ": " + what);
  }
  void remember(const std::string& chain, const std::string& body) {
    const auto value = json::parse(body);
    if (!value || !value->is_object()) return say(chain, "an entry can't be read");
    const json::Reader reader(*value);
    if (const auto records = reader.optional_object("records"); records && *records) {
      const auto members = (*records)->members();
      if (!members) return say(chain, "an entry can't be read");
      for (const auto& [name, pair] : *members) {
        const auto words = pair.as_array();
        if (!words || words->size() != 2) continue;
        const auto revision = static_cast<std::uint64_t>((*words)[0].as_integer().value_or(0));
        const Mark mark{name, revision, (*words)[1].as_text().value_or("")};
        const auto [place, is_new] = said_.try_emplace(name, mark);
        if (!is_new && place->second.revision <= revision) place->second = mark;
      }
    }
    const auto gone = reader.optional_array("gone");
    if (!gone) return say(chain, "an entry can't be read");
    for (const auto& each : *gone) said_.erase(each.as_text().value_or(""));
  }

  AuditReport& report_;
  std::map<std::string, Chain> ends_;
  std::set<std::string> ended_;
  std::map<std::string, Mark> said_;
};

std::string record_name(const Item& item) {
  auto name = text_in(item, "pk");
  if (const auto mark = name.find('#'); mark != std::string::npos) name[mark] = '/';
  return name;
}

bool is_entry(const Item& item) { return text_in(item, "pk").starts_with("journal#"); }

}  // namespace

// A scan is not of one moment, so what is written meanwhile may look altered. Only what is found
// twice is told.
Result<AuditReport> DynamoStore::audit() {
  const auto first = TRY(audit_once());
  if (first.findings.empty()) return first;
  auto second = TRY(audit_once());
  std::erase_if(second.findings, [&](const std::string& finding) {
    return std::ranges::find(first.findings, finding) == first.findings.end();
  });
  return second;
}

Result<AuditReport> DynamoStore::audit_once() {
  AuditReport report;
  ChainReader chains(report);
  auto items = TRY(table_.scan());
  std::ranges::sort(items, {}, [](const Item& item) {
    return std::pair(text_in(item, "pk"), text_in(item, "sk"));
  });
  for (const auto& item : items) {
    if (!is_entry(item)) continue;
    const auto chain = record_name(item);
    text_in(item, "sk") == chain_end ? chains.read_end(chain, item) : chains.read(chain, item);
  }
  chains.check_ends();
  for (const auto& item : items) {
    if (is_entry(item)) continue;
    ++report.records;
    const Mark mark{record_name(item), static_cast<std::uint64_t>(number_in(item, "rev")),
                    text_in(item, "digest")};
    if (sha256_hex(text_in(item, "document")) != mark.digest)
      report.findings.push_back(mark.record + ": its document is not what was written");
    chains.check(mark);
  }
  chains.check_missing();
  return report;
}

// --- retention ----------------------------------------------------------------------------------

namespace {

// Everything, as records beside the items they lie in, oldest first.
struct Everything {
  Holdings holdings;
  std::vector<std::pair<Item, Deployment>> deployments;
  std::vector<std::pair<Item, Rollback>> rollbacks;
  std::vector<std::pair<Item, TriggerRecord>> triggers;
  std::vector<std::pair<Item, Notice>> notices;
};

Result<Everything> read_everything(DynamoDb& table) {
  auto items = TRY(table.scan());
  std::ranges::sort(items, {}, [](const Item& item) { return number_in(item, "place"); });
  Everything all;
  for (auto& item : items) {
    const auto key = text_in(item, "pk");
    if (key.starts_with("head#")) all.holdings.heads.push_back(TRY(record_in<Head>(item)));
    if (key.starts_with("deployment#"))
      all.deployments.emplace_back(item, TRY(record_in<Deployment>(item)));
    if (key.starts_with("rollback#"))
      all.rollbacks.emplace_back(item, TRY(record_in<Rollback>(item)));
    if (key.starts_with("trigger#"))
      all.triggers.emplace_back(item, TRY(record_in<TriggerRecord>(item)));
    if (key.starts_with("notice#")) all.notices.emplace_back(item, TRY(record_in<Notice>(item)));
  }
  for (const auto& [item, rollback] : all.rollbacks) all.holdings.rollbacks.push_back(rollback);
  for (const auto& [item, it] : all.deployments) all.holdings.deployments.push_back(it);
  return all;
}

// What goes, by environment, oldest first.
class Expiry {
 public:
  void add(const Environment& environment, const Item& item, std::uint64_t Gone::* count) {
    going_[environment].emplace_back(item, count);
  }
  const auto& going() const { return going_; }

 private:
  std::map<Environment, std::vector<std::pair<Item, std::uint64_t Gone::*>>> going_;
};

Expiry what_goes(Everything& all, Instant before, int keep_good) {
  Expiry expiry;
  const auto deployments = needed_deployments(all.holdings, keep_good);
  std::erase_if(all.holdings.deployments, [&](const Deployment& it) {
    return it.ended_at.value_or(it.started_at) < before && !deployments.contains(it.id.text);
  });
  for (const auto& [item, it] : all.deployments)
    if (it.ended_at.value_or(it.started_at) < before && !deployments.contains(it.id.text))
      expiry.add(it.environment, item, &Gone::deployments);
  const auto rollbacks = needed_rollbacks(all.holdings);
  std::set<std::string> left;
  for (const auto& [item, it] : all.rollbacks) {
    const bool goes =
        it.ended_at.value_or(it.accepted_at) < before && !rollbacks.contains(it.id.text);
    if (goes) expiry.add(it.environment, item, &Gone::rollbacks);
    if (!goes) left.insert(it.id.text);
  }
  for (const auto& [item, it] : all.triggers)
    if (it.received_at < before && !(it.rollback && left.contains(it.rollback->text)))
      expiry.add(it.environment.value_or(Environment{}), item, &Gone::triggers);
  for (const auto& [item, it] : all.notices)
    if (!item.contains("open") && it.at < before) expiry.add(it.environment, item, &Gone::notices);
  return expiry;
}

}  // namespace

Result<std::uint64_t> DynamoStore::expire(Instant before, int keep_good) {
  auto all = TRY(read_everything(table_));
  const auto expiry = what_goes(all, before, keep_good);
  std::uint64_t count = 0;
  Result<> trouble;
  for (const auto& [environment, items] : expiry.going()) {
    for (std::size_t from = 0; from < items.size(); from += most_erased_at_once) {
      const auto end = std::min(from + most_erased_at_once, items.size());
      Gone gone;
      Plan plan;
      for (auto i = from; i < end; ++i) {
        const auto& [item, kind] = items[i];
        gone.*kind += 1;
        gone.records.push_back(record_name(item));
        plan.parts.push_back(erased(item, gone.records.back()));
        if (kind != &Gone::deployments || manner_.deployments_table.empty()) continue;
        plan.parts.push_back(no_longer_shown(TRY(record_in<Deployment>(item)), manner_));
      }
      plan.entries.push_back({environment,
                              "",
                              to_document(expiry_entry(environment, gone, before)),
                              {},
                              gone.records});
      auto went = carry_out(plan);
      if (went) count += end - from;
      // What somebody changed or removed meanwhile is looked at again the next time.
      if (!went && went.error().code != Code::conflict && trouble) trouble = std::move(went);
    }
  }
  TRY(std::move(trouble));
  return count;
}

}  // namespace stepback::aws
