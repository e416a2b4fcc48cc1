// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/store.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "adapters/aws/items.hpp"
#include "base/text.hpp"

namespace stepback::aws {
namespace {

constexpr std::size_t most_in_a_transaction = 100;
constexpr int most_attempts = 20;  // a busy chain moves under us; each time somebody else got on
constexpr Duration longest_pause{60};

template <Record T>
Result<T> read(DynamoDb& table, std::string_view kind, const std::string& key) {
  const auto item = TRY(table.get({fmt::format("{}#{}", kind, key), std::string(alone)}));
  if (!item) return fail(Code::not_found, fmt::format("no {} {}", kind, key));
  return read_back<T>(fmt::format("{} {}", kind, key), text_in(*item, "document"),
                      text_in(*item, "digest"));
}

template <Record T>
Result<std::optional<T>> record_at(const std::map<std::string, Item>& items,
                                   const std::string& partition) {
  const auto found = items.find(partition);
  if (found == items.end()) return std::optional<T>();
  return std::optional<T>(TRY(read_back<T>(partition, text_in(found->second, "document"),
                                           text_in(found->second, "digest"))));
}

Chain chain_in(const Item& end) {
  return {static_cast<std::uint64_t>(number_in(end, "sequence")), text_in(end, "hash")};
}

Head empty_head(const Environment& environment) {
  Head empty;
  empty.environment = environment;
  return empty;
}

// Each item that is written carries the transaction's token, so that it can be told afterwards
// whether it is there.
Change with_token(Change change, const std::string& token) {
  if (change.kind == Change::Kind::put) change.item["txn"] = text_value(token);
  if (change.kind == Change::Kind::update) {
    change.update.text.insert(4, "txn = :txn, ");  // behind "SET "
    change.update.values.emplace_back(":txn", text_value(token));
  }
  return change;
}

Error refused(const Part& part, const Item& there) {
  const auto revision = static_cast<std::uint64_t>(number_in(there, "rev"));
  if (revision != part.revision)
    return {Code::conflict, part.record + (part.revision == 0 ? " is there already"
                                                              : " was changed by somebody else")};
  if (!part.environment.empty() && (text_in(there, "environment") != part.environment ||
                                    number_in(there, "startedAt") != part.started_at)) {
    return {Code::invalid, part.record + " keeps its environment and the time it started"};
  }
  return {Code::conflict, part.record + " has ended and stays as it is"};
}

bool is_passing(std::string_view reason) {
  return reason == "TransactionConflict" || reason == "ThrottlingError" ||
         reason == "ProvisionedThroughputExceeded";
}

}  // namespace

Result<Rollback> DynamoStore::rollback(const RollbackId& id) {
  return read<Rollback>(table_, "rollback", id.text);
}

Result<Head> DynamoStore::head(const Environment& environment) {
  auto found = read<Head>(table_, "head", environment.name);
  if (found || found.error().code != Code::not_found) return found;
  return empty_head(environment);
}

Result<Deployment> DynamoStore::deployment(const DeploymentId& id) {
  return read<Deployment>(table_, "deployment", id.text);
}

Result<TriggerRecord> DynamoStore::trigger(const std::string& key) {
  return read<TriggerRecord>(table_, "trigger", key);
}

Result<ManyRecords::Found> DynamoStore::read_many(const Wanted& wanted) {
  std::vector<Key> keys;
  const auto want = [&](std::string_view kind, const std::string& key) {
    keys.push_back({fmt::format("{}#{}", kind, key), std::string(alone)});
  };
  for (const auto& key : wanted.triggers) want("trigger", key);
  for (const auto& id : wanted.rollbacks) want("rollback", id.text);
  for (const auto& environment : wanted.heads) want("head", environment.name);
  for (const auto& environment : wanted.heads) keys.push_back(chain_key(environment));
  auto all = TRY(table_.get_together(keys));
  std::map<std::string, Item> items;  // by their partitions
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (all[i]) items.emplace(keys[i].partition, *std::move(all[i]));
  Found found;
  for (const auto& key : wanted.triggers)
    found.triggers[key] = TRY(record_at<TriggerRecord>(items, "trigger#" + key));
  for (const auto& id : wanted.rollbacks)
    if (auto there = TRY(record_at<Rollback>(items, "rollback#" + id.text)))
      found.rollbacks.push_back(*std::move(there));
  for (const auto& environment : wanted.heads) {
    const auto there = TRY(record_at<Head>(items, "head#" + environment.name));
    found.heads.push_back(there.value_or(empty_head(environment)));
  }
  const std::lock_guard lock(mutex_);
  for (const auto& environment : wanted.heads) {
    const auto end = items.find(chain_key(environment).partition);
    const auto chain = end == items.end() ? Chain() : chain_in(end->second);
    auto& left = ends_[environment];
    if (chain.sequence >= left.sequence) left = chain;  // others may have written; we, too
  }
  return found;
}

// --- committing ---------------------------------------------------------------------------------

Result<> DynamoStore::commit(const Commit& commit) {
  auto plan = TRY(plan_of(commit, manner_, next_place()));
  return carry_out(plan);
}

std::vector<Result<>> DynamoStore::commit_each(std::span<const Commit> commits) {
  std::vector<Result<>> answers;
  answers.reserve(commits.size());
  for (const auto& each : commits) answers.push_back(commit(each));
  return answers;
}

Result<> DynamoStore::carry_out(Plan& plan) {
  for (int tries = 1;; ++tries) {
    const auto done = attempt(plan);
    if (!done) return fail(done.error());
    if (*done) return {};
    if (tries == most_attempts || !pause())
      return fail(Code::unavailable, "the table is busy: others were faster each time");
  }
}

// After no clear answer: did it happen? timeout: nobody knows.
Result<bool> DynamoStore::is_there(const std::vector<Change>& changes, const std::string& token) {
  for (const auto& change : changes) {
    if (!change.table.empty()) continue;
    if (change.kind == Change::Kind::check || change.kind == Change::Kind::erase) continue;
    const auto item = table_.get({text_in(change.item, "pk"), text_in(change.item, "sk")});
    if (!item)
      return fail(Code::timeout,
                  "a commit got no answer, nor could it be looked up: " + item.error().message);
    return *item && text_in(**item, "txn") == token;
  }
  return false;
}

// Where each chain of the plan's entries ends: as we left it, or as it is read. One that grew
// meanwhile fails the transaction, and is read then.
Result<std::map<Environment, Chain>> DynamoStore::chains_for(const Plan& plan) {
  std::map<Environment, Chain> chains;
  for (const auto& entry : plan.entries) {
    if (chains.contains(entry.environment)) continue;
    {
      const std::lock_guard lock(mutex_);
      const auto left = ends_.find(entry.environment);
      if (left != ends_.end()) {
        chains.insert(*left);
        continue;
      }
    }
    const auto end = TRY(table_.get(chain_key(entry.environment)));
    if (end) chains[entry.environment] = chain_in(*end);
  }
  return chains;
}

// False: nothing was written, and it is worth trying again.
Result<bool> DynamoStore::attempt(Plan& plan) {
  auto chains = TRY(chains_for(plan));
  auto written = write(plan, chains);
  const std::lock_guard lock(mutex_);
  for (auto& [environment, end] : chains) {
    ends_.erase(environment);
    if (written && *written) ends_.emplace(environment, std::move(end));
  }
  return written;
}

Result<bool> DynamoStore::write(Plan& plan, std::map<Environment, Chain>& chains) {
  auto parts = plan.parts;
  for (auto& part : sealed(plan.entries, chains, next_place())) parts.push_back(std::move(part));
  if (parts.empty()) return true;
  if (parts.size() > most_in_a_transaction) {
    return fail(Code::invalid, fmt::format("a commit of {} items; DynamoDB takes {} at once",
                                           parts.size(), most_in_a_transaction));
  }
  const auto token = next_token();
  std::vector<Change> changes;
  for (const auto& part : parts) {
    const bool is_ours = part.kind != Part::Kind::shown;
    changes.push_back(is_ours ? with_token(part.change, token) : part.change);
  }
  const auto done = table_.transact(changes, token);
  if (done) return true;
  const auto& cancelled = done.error();
  if (cancelled.reasons.empty()) {
    // An earlier try of the same request may have arrived, whatever the last one was told.
    const auto there = is_there(changes, token);
    if (there && *there) return true;
    if (!there && is_retriable(cancelled.error.code)) return fail(there.error());
    return fail(cancelled.error);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (cancelled.reasons[i] != "ConditionalCheckFailed") continue;
    if (text_in(cancelled.there[i], "txn") == token) return true;  // a repeat met what it wrote
    if (parts[i].kind == Part::Kind::record) return fail(refused(parts[i], cancelled.there[i]));
  }
  // Only what does not concern the caller: a chain that grew meanwhile, a notice that is there.
  bool again = false;
  for (std::size_t i = parts.size(); i-- > 0;) {
    const auto& reason = cancelled.reasons[i];
    if (reason.empty() || reason == "None") continue;
    again = true;
    if (is_passing(reason)) continue;
    const bool is_lost = reason == "ConditionalCheckFailed";
    // What people are shown gives way; a record that the table refuses is nobody's race.
    if (!is_lost && parts[i].kind != Part::Kind::shown)
      return fail(Code::invalid,
                  fmt::format("the table refuses {}: {}", parts[i].record, one_line(reason)));
    if (!is_lost || parts[i].kind == Part::Kind::notice)
      plan.parts.erase(plan.parts.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (again) return false;
  return fail(cancelled.error);
}

std::int64_t DynamoStore::next_place() {
  constexpr std::int64_t in_a_millisecond = 1000;  // more than the parts of any commit
  const std::lock_guard lock(mutex_);
  place_ = std::max(place_ + in_a_millisecond, clock_.now().ms * in_a_millisecond);
  return place_;
}

std::string DynamoStore::next_token() {
  const std::lock_guard lock(mutex_);
  return fmt::format("{:016x}{:016x}", random_.next(), random_.next());
}

bool DynamoStore::pause() {
  std::uint64_t chance = 0;
  {
    const std::lock_guard lock(mutex_);
    chance = random_.below(static_cast<std::uint64_t>(longest_pause.count()));
  }
  return waiter_.wait(Duration(1 + static_cast<Duration::rep>(chance)));
}

// --- what is open -------------------------------------------------------------------------------

Result<std::vector<Store::Due>> DynamoStore::due(Instant now, std::size_t limit) {
  const auto items = TRY(table_.query({.index = "open",
                                       .partition_name = "open",
                                       .partition = "rollback",
                                       .sort_name = "due",
                                       .at_most = now.ms,
                                       .limit = limit}));
  std::vector<std::pair<std::int64_t, Due>> found;
  for (const auto& item : items) {
    const auto rollback =
        TRY(read_back<Rollback>("a rollback", text_in(item, "document"), text_in(item, "digest")));
    found.push_back({number_in(item, "place"),
                     {rollback.id, wake_of(rollback), rollback.lease, rollback.revision}});
  }
  std::ranges::sort(found, {},
                    [](const auto& each) { return std::pair(each.second.wake_at, each.first); });
  std::vector<Due> due;
  for (auto& [place, each] : found) due.push_back(std::move(each));
  return due;
}

Result<std::vector<OutboxItem>> DynamoStore::waiting(Instant now, std::size_t limit) {
  const auto items = TRY(table_.query({.index = "open",
                                       .partition_name = "open",
                                       .partition = "notice",
                                       .sort_name = "due",
                                       .at_most = std::nullopt,
                                       .limit = SIZE_MAX}));
  std::vector<OutboxItem> found;
  for (const auto& item : items) {
    if (found.size() >= limit) break;
    if (number_in(item, "nextAt") > now.ms) continue;
    found.push_back({.notice = TRY(read_back<Notice>("a notice", text_in(item, "document"),
                                                     text_in(item, "digest"))),
                     .told = texts_in(item, "told"),
                     .attempts = static_cast<int>(number_in(item, "attempts")),
                     .next_at = {number_in(item, "nextAt")}});
  }
  return found;
}

Result<> DynamoStore::claim(const OutboxItem& seen, Instant until) {
  auto claimed = table_.update(
      {"notice#" + seen.notice.key, std::string(alone)},
      {.text = "SET nextAt = :until", .names = {}, .values = {{":until", number_value(until.ms)}}},
      {.text = "#open = :open AND nextAt = :seen",
       .names = {{"#open", "open"}},
       .values = {{":open", text_value("notice")}, {":seen", number_value(seen.next_at.ms)}}});
  if (!claimed && claimed.error().code == Code::not_found)
    return fail(Code::conflict, "somebody else tells " + seen.notice.key);
  return claimed;
}

Result<> DynamoStore::mark_told(const std::string& notice_key, const std::string& channel,
                                Instant) {
  const Key key{"notice#" + notice_key, std::string(alone)};
  const auto marked =
      table_.update(key,
                    {.text = "SET told = list_append(told, :channels)",
                     .names = {},
                     .values = {{":channels", texts_value({channel})}}},
                    {.text = "attribute_exists(pk) AND NOT contains(told, :channel)",
                     .names = {},
                     .values = {{":channel", text_value(channel)}}});
  if (marked || marked.error().code != Code::not_found) return marked;
  if (TRY(table_.get(key))) return {};  // it has it already
  return fail(Code::not_found, "no notice " + notice_key);
}

Result<> DynamoStore::try_again(const std::string& notice_key, Instant next_at,
                                const std::string& why) {
  return table_.update({"notice#" + notice_key, std::string(alone)},
                       {.text = "SET attempts = attempts + :one, nextAt = :next, why = :why",
                        .names = {},
                        .values = {{":one", number_value(1)},
                                   {":next", number_value(next_at.ms)},
                                   {":why", text_value(why)}}},
                       {.text = "attribute_exists(pk)", .names = {}, .values = {}});
}

Result<> DynamoStore::close(const std::string& notice_key) {
  return table_.update({"notice#" + notice_key, std::string(alone)},
                       {.text = "SET closed = :yes REMOVE #open, due",
                        .names = {{"#open", "open"}},
                        .values = {{":yes", boolean_value(true)}}},
                       {.text = "attribute_exists(pk)", .names = {}, .values = {}});
}

}  // namespace stepback::aws
