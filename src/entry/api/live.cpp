// SPDX-License-Identifier: Apache-2.0
#include "entry/api/live.hpp"

#include <algorithm>
#include <charconv>

#include "documents/progress.hpp"
#include "entry/api/problems.hpp"
#include "wire/codec.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_at_once = 256;  // entries of one journal, for one look
constexpr std::size_t most_active = 100;

std::string text_of(const std::vector<std::uint64_t>& cursor) {
  std::string text;
  for (const auto sequence : cursor) text += (text.empty() ? "" : "-") + std::to_string(sequence);
  return text;
}

std::optional<std::vector<std::uint64_t>> cursor_in(std::string_view text) {
  std::vector<std::uint64_t> cursor;
  while (true) {
    const auto part = text.substr(0, text.find('-'));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    cursor.push_back(number);
    if (part.size() == text.size()) return cursor;
    text.remove_prefix(part.size() + 1);
  }
}

http::Event event_of(std::string name, const json::Value& data) {
  return {.id = "", .name = std::move(name), .data = json::write(data)};
}

json::Value notice_of(const JournalEntry& entry) {
  json::Object object;
  object["environment"] = json::Value(entry.environment.name);
  object["at"] = json::Value(to_rfc3339(entry.at));
  object["kind"] = json::Value(entry.kind);
  object["text"] = json::Value(entry.text);
  if (!entry.actor.empty()) object["actor"] = json::Value(entry.actor);
  if (entry.rollback) object["rollbackId"] = json::Value(entry.rollback->text);
  if (entry.deployment) object["deploymentId"] = json::Value(entry.deployment->text);
  return object;
}

json::Value change_of(const Head& head) {
  json::Object object;
  object["environment"] = json::Value(head.environment.name);
  object["revision"] = head.revision;
  if (head.live) object["version"] = json::Value(head.live->version.text);
  if (head.slot) object["rollbackId"] = json::Value(head.slot->text);
  return object;
}

Environments with_the_service(Environments environments) {
  environments.push_back({});
  return environments;
}

}  // namespace

Live::Live(Engine& engine, Options options)
    : engine_(engine), options_(options), chains_(with_the_service(engine.settings.environments)) {}

// The journal's last number, found by halves: whether there is one behind a number is a short read.
Result<std::uint64_t> Live::end_of(const Environment& chain) {
  const auto is_behind = [&](std::uint64_t number) -> Result<bool> {
    return !TRY(engine_.ledger.journal(chain, number, 1)).empty();
  };
  std::uint64_t low = 0;
  std::uint64_t step = 1;
  while (TRY(is_behind(low + step - 1))) {
    low += step;
    step *= 2;
  }
  // Something is behind low - 1, and nothing behind low + step - 1.
  while (step > 1) {
    step /= 2;
    if (TRY(is_behind(low + step - 1))) low += step;
  }
  return low;
}

Result<> Live::begin_anew() {
  Cursor cursor;
  for (const auto& chain : chains_) cursor.push_back(TRY(end_of(chain)));
  Changes passed_over;
  TRY(note_heads(passed_over, false));
  TRY(note_active(passed_over, false));
  cursor_ = std::move(cursor);
  return {};
}

Result<> Live::read_journals(Cursor& cursor, const Cursor* until, std::size_t most,
                             Changes& changes) {
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    const auto entries = TRY(engine_.ledger.journal(chains_[i], cursor[i], most));
    changes.is_whole = changes.is_whole && entries.size() < most;
    for (const auto& stored : entries) {
      if (until != nullptr && stored.sequence > (*until)[i]) break;
      cursor[i] = stored.sequence;
      changes.events.push_back(event_of("notice", notice_of(stored.entry)));
      if (stored.entry.rollback) changes.rollbacks.insert(*stored.entry.rollback);
      if (stored.entry.deployment) changes.deployments.insert(*stored.entry.deployment);
    }
  }
  return {};
}

Result<> Live::note_heads(Changes& changes, bool all) {
  for (const auto& environment : engine_.settings.environments) {
    const auto head = TRY(engine_.store.head(environment));
    auto& told = heads_[environment];
    if (!all && told == head.revision) continue;
    told = head.revision;
    changes.events.push_back(event_of("environment", change_of(head)));
  }
  return {};
}

// Those that are under way, and those that were when we looked last.
Result<> Live::note_active(Changes& changes, bool all) {
  std::map<RollbackId, std::uint64_t> active;
  for (const auto& rollback :
       TRY(engine_.ledger.rollbacks({.active_only = true, .limit = most_active}))) {
    active[rollback.id] = rollback.revision;
    const auto told = rollbacks_.find(rollback.id);
    if (all || told == rollbacks_.end() || told->second != rollback.revision)
      changes.rollbacks.insert(rollback.id);
  }
  for (const auto& [id, revision] : rollbacks_) {
    if (!active.contains(id)) changes.rollbacks.insert(id);
  }
  rollbacks_ = std::move(active);
  return {};
}

Result<> Live::write_records(Changes& changes) {
  const auto now = engine_.clock.now();
  for (const auto& id : changes.deployments) {
    const auto deployment = engine_.store.deployment(id);
    if (deployment) changes.events.push_back(event_of("deployment", to_json(*deployment)));
  }
  for (const auto& id : changes.rollbacks) {
    const auto rollback = engine_.store.rollback(id);
    if (rollback) changes.events.push_back(event_of("rollback", progress_document(*rollback, now)));
  }
  return {};
}

void Live::send(const http::Event& event) {
  std::erase_if(viewers_, [&](http::Stream& viewer) { return !viewer.send(event); });
}

http::Event Live::hello() const {
  const json::Object data{{"asOf", json::Value(to_rfc3339(engine_.clock.now()))}};
  auto event = event_of("hello", data);
  event.id = text_of(cursor_);
  return event;
}

Result<> Live::look_and_tell() {
  bool is_whole = false;
  while (!is_whole) {
    Changes changes;
    TRY(read_journals(cursor_, nullptr, most_at_once, changes));
    TRY(note_heads(changes, false));
    TRY(note_active(changes, false));
    TRY(write_records(changes));
    is_whole = changes.is_whole;
    // The last one says how far all is told: whoever is cut off before it is told all of it again.
    if (!changes.events.empty()) changes.events.back().id = text_of(cursor_);
    for (const auto& event : changes.events) send(event);
  }
  return {};
}

Result<> Live::look() {
  const std::lock_guard lock(mutex_);
  std::erase_if(viewers_, [](const http::Stream& viewer) { return !viewer.is_open(); });
  if (viewers_.empty()) {
    cursor_.clear();
    return {};
  }
  return look_and_tell();
}

// What was told since that id, up to where all others are.
Result<std::vector<http::Event>> Live::missed(const std::optional<std::string>& last_id) {
  if (!last_id) return std::vector{hello()};
  auto from = cursor_in(*last_id);
  Changes changes;
  const bool is_known = from && from->size() == cursor_.size() &&
                        std::ranges::equal(*from, cursor_, std::ranges::less_equal());
  if (is_known) TRY(read_journals(*from, &cursor_, options_.most_missed, changes));
  if (!is_known || !changes.is_whole)
    return std::vector{event_of("reset", json::Object{}), hello()};
  // What changed without an entry is told as it is now.
  for (const auto& environment : engine_.settings.environments)
    changes.events.push_back(
        event_of("environment", change_of(TRY(engine_.store.head(environment)))));
  for (const auto& [id, revision] : rollbacks_) changes.rollbacks.insert(id);
  TRY(write_records(changes));
  changes.events.push_back(hello());
  return std::move(changes.events);
}

void Live::follow(const http::Request& request, http::Responder responder) {
  auto last_id = request.parameter("lastEventId");
  if (const auto header = request.headers.find("Last-Event-ID")) last_id = std::string(*header);
  const std::lock_guard lock(mutex_);
  if (viewers_.size() >= options_.most_viewers)
    return responder.send(http::problem(503, "too many follow already", "stepback watch"));
  const auto begun = cursor_.empty() ? begin_anew() : look_and_tell();
  if (!begun) return responder.send(refusal(begun.error()));
  const auto events = missed(last_id);
  if (!events) return responder.send(refusal(events.error()));
  auto stream = responder.stream();
  for (const auto& event : *events) stream.send(event);
  viewers_.push_back(std::move(stream));
}

void Live::tell(const std::string& name, const json::Value& data) {
  const std::lock_guard lock(mutex_);
  send(event_of(name, data));
}

std::size_t Live::viewers() {
  const std::lock_guard lock(mutex_);
  return viewers_.size();
}

}  // namespace stepback
