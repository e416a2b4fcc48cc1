// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/items.hpp"

#include <fmt/core.h>

#include <set>

#include "domain/deploying.hpp"

namespace stepback::aws {
namespace {

// An update of a whole record, written piece by piece: what is not set is removed.
class Update {
 public:
  Update(const std::string& record, std::uint64_t revision, const std::string& document)
      : part_{.kind = Part::Kind::record,
              .change = {.kind = Change::Kind::update, .item = {}, .update = {}, .condition = {}},
              .record = record,
              .revision = revision,
              .environment = "",
              .started_at = 0},
        mark_{record, revision + 1, sha256_hex(document)} {
    const auto key = key_of(mark_);
    part_.change.item = {{"pk", text_value(key.partition)}, {"sk", text_value(key.sort)}};
    set("document", text_value(document));
    set("digest", text_value(mark_.digest));
    set("rev", number_value(static_cast<std::int64_t>(mark_.revision)));
    if (revision == 0) {
      condition("attribute_not_exists(pk)");
    } else {
      condition("rev = :was");
      value(":was", number_value(static_cast<std::int64_t>(revision)));
    }
  }

  void set(const std::string& name, json::Value value) {
    sets_.emplace_back(name, std::move(value));
  }
  void once(const std::string& name, json::Value value) {
    onces_.emplace_back(name, std::move(value));
  }
  void remove(const std::string& name) { removed_.push_back(name); }
  void open(bool is_open, std::string_view kind, std::int64_t due) {
    if (is_open) {
      set("open", text_value(kind));
      set("due", number_value(due));
    } else {
      remove("open");
      remove("due");
    }
  }
  void condition(const std::string& text) {
    auto& all = part_.change.condition.text;
    all += (all.empty() ? "" : " AND ") + text;
  }
  void value(const std::string& name, json::Value value) {
    part_.change.condition.values.emplace_back(name, std::move(value));
  }
  Part& part() { return part_; }

  Part finish(std::vector<Mark>& changed) {
    auto& update = part_.change.update;
    std::string sets;
    std::string removes;
    const auto add = [&](const std::string& name, const json::Value& value, bool once) {
      const auto n = std::to_string(update.names.size());
      update.names.emplace_back("#n" + n, name);
      update.values.emplace_back(":v" + n, value);
      sets += (sets.empty() ? "SET " : ", ") + ("#n" + n) + " = " +
              (once ? "if_not_exists(#n" + n + ", :v" + n + ")" : ":v" + n);
    };
    for (const auto& [name, value] : sets_) add(name, value, false);
    for (const auto& [name, value] : onces_) add(name, value, true);
    for (const auto& name : removed_) {
      const auto n = std::to_string(update.names.size());
      update.names.emplace_back("#n" + n, name);
      removes += (removes.empty() ? " REMOVE " : ", ") + ("#n" + n);
    }
    update.text = sets + removes;
    changed.push_back(mark_);
    return std::move(part_);
  }

 private:
  Part part_;
  Mark mark_;
  std::vector<std::pair<std::string, json::Value>> sets_;
  std::vector<std::pair<std::string, json::Value>> onces_;
  std::vector<std::string> removed_;
};

template <class T>
Update counted(const T& record) {
  T next = record;
  ++next.revision;
  return {record_of(record), record.revision, to_document(next)};
}

void list(Update& update, std::string_view name, const std::optional<Environment>& environment,
          std::int64_t place) {
  update.once("list", text_value(name));
  update.once("place", number_value(place));
  if (environment) update.once("listed", text_value(fmt::format("{}#{}", name, environment->name)));
}

Part part_of(const Rollback& rollback, std::int64_t place, std::vector<Mark>& changed) {
  auto update = counted(rollback);
  list(update, "rollbacks", rollback.environment, place);
  update.set("active", boolean_value(is_active(rollback)));
  update.open(is_active(rollback), "rollback", wake_of(rollback).ms);
  if (rollback.revision > 0) {
    update.condition("active = :active");  // one that has ended stays as it is
    update.value(":active", boolean_value(true));
  }
  return update.finish(changed);
}

Part part_of(const Head& head, std::int64_t place, std::vector<Mark>& changed) {
  auto update = counted(head);
  list(update, "heads", std::nullopt, place);
  return update.finish(changed);
}

Part part_of(const Deployment& deployment, std::int64_t place, std::vector<Mark>& changed) {
  auto update = counted(deployment);
  list(update, "deployments", deployment.environment, place);
  update.set("status", text_value(name_of(deployment.status)));
  update.set("environment", text_value(deployment.environment.name));
  update.set("startedAt", number_value(deployment.started_at.ms));
  update.open(is_unfinished(deployment), "deployment", place);
  auto& part = update.part();
  part.environment = deployment.environment.name;
  part.started_at = deployment.started_at.ms;
  if (deployment.revision > 0) {
    update.condition("environment = :environment AND startedAt = :started");
    update.value(":environment", text_value(part.environment));
    update.value(":started", number_value(part.started_at));
  }
  return update.finish(changed);
}

Part part_of(const TriggerRecord& trigger, std::int64_t place, const Duration* keep,
             std::vector<Mark>& changed) {
  Update update(record_of(trigger), 0, to_document(trigger));
  list(update, "triggers", trigger.environment, place);
  if (trigger.rollback) update.set("owner", text_value("triggers#" + trigger.rollback->text));
  if (keep != nullptr) update.set("expires", number_value((trigger.received_at + *keep).ms / 1000));
  return update.finish(changed);
}

// --- for people ---------------------------------------------------------------------------------

std::string table_for_people(const Environment& environment, const Manner& manner) {
  constexpr std::string_view slot = "{environment}";
  auto name = manner.deployments_table;
  if (const auto at = name.find(slot); at != std::string::npos)
    name.replace(at, slot.size(), environment.name);
  return name;
}

std::int64_t in_seconds(Instant instant) { return instant.ms / 1000; }

Part for_people(const Deployment& deployment, const Manner& manner, Change::Kind kind) {
  Part part{.kind = Part::Kind::shown,
            .change = {.kind = kind, .item = {}, .update = {}, .condition = {}},
            .record = "shown/" + deployment.id.text,
            .revision = 0,
            .environment = "",
            .started_at = 0};
  part.change.table = table_for_people(deployment.environment, manner);
  part.change.item = {{"deploymentId", text_value(deployment.id.text)}};
  return part;
}

// What the runbook's commands read and write of a deployment; what does not apply is not there.
Part shown(const Deployment& deployment, const Manner& manner) {
  Part part = for_people(deployment, manner, Change::Kind::update);
  auto& update = part.change.update;
  std::string sets;
  std::string removes;
  const auto add = [&](std::string_view name, const std::optional<json::Value>& value) {
    const auto n = std::to_string(update.names.size());
    update.names.emplace_back("#n" + n, name);
    auto& list = value ? sets : removes;
    list += (list.empty() ? (value ? "SET " : " REMOVE ") : ", ") + ("#n" + n);
    if (!value) return;
    list += " = :v" + n;
    update.values.emplace_back(":v" + n, *value);
  };
  const auto text = [&](std::string_view name, const std::string& value) {
    add(name, value.empty() ? std::nullopt : std::optional(text_value(value)));
  };
  const auto time = [&](std::string_view name, const std::optional<Instant>& value) {
    add(name, value ? std::optional(number_value(in_seconds(*value))) : std::nullopt);
  };
  text("environment", deployment.environment.name);
  text("version", deployment.version.text);
  text("status", std::string(name_of(deployment.status)));
  text("kind", std::string(name_of(deployment.kind)));
  time("startTime", deployment.started_at);
  time("endTime", deployment.ended_at);
  text("startedBy", deployment.started_by);
  text("digest", deployment.digest.hex);
  text("artifactLocation", deployment.artifact_location);
  text("infrastructureVersion", deployment.infrastructure_version);
  add("infrastructureChanged",
      deployment.infrastructure_changed
          ? std::optional(boolean_value(*deployment.infrastructure_changed))
          : std::nullopt);
  text("previousVersion", deployment.predecessor ? deployment.predecessor->version.text : "");
  text("failureReason", deployment.failure);
  text("rollbackId", deployment.rollback ? deployment.rollback->text : "");
  text("rollbackReason", deployment.rollback_reason);
  text("rollbackLevel", deployment.rollback_level);
  time("rollbackTime", deployment.rollback_time);
  text("rollbackTargetVersion", deployment.rollback_target.text);
  update.text = sets + removes;
  return part;
}

Part part_of(const Notice& notice, std::int64_t place, std::vector<Mark>& changed) {
  Update update(record_of(notice), 0, to_document(notice));
  list(update, "notices", std::nullopt, place);
  update.set("attempts", number_value(0));
  update.set("nextAt", number_value(0));
  update.set("told", texts_value({}));
  update.open(true, "notice", place);
  update.part().kind = Part::Kind::notice;
  return update.finish(changed);
}

Part unchanged(const Head& head) {
  const Mark mark{record_of(head), head.revision, ""};
  const auto key = key_of(mark);
  Part part{.kind = Part::Kind::record,
            .change = {.kind = Change::Kind::check, .item = {}, .update = {}, .condition = {}},
            .record = mark.record,
            .revision = head.revision,
            .environment = "",
            .started_at = 0};
  part.change.item = {{"pk", text_value(key.partition)}, {"sk", text_value(key.sort)}};
  if (head.revision == 0) {
    part.change.condition.text = "attribute_not_exists(pk)";
  } else {
    part.change.condition.text = "rev = :was";
    part.change.condition.values = {
        {":was", number_value(static_cast<std::int64_t>(head.revision))}};
  }
  return part;
}

}  // namespace

Key key_of(const Mark& mark) {
  const auto slash = mark.record.find('/');
  return {mark.record.substr(0, slash) + "#" + mark.record.substr(slash + 1), std::string(alone)};
}

Key chain_key(const Environment& environment) {
  return {"journal#" + environment.name, std::string(chain_end)};
}

std::string sort_of(std::uint64_t sequence) { return fmt::format("{:020}", sequence); }

Part no_longer_shown(const Deployment& deployment, const Manner& manner) {
  return for_people(deployment, manner, Change::Kind::erase);
}

Result<Plan> plan_of(const Commit& commit, const Manner& manner, std::int64_t place) {
  Plan plan;
  std::vector<Mark> changed;
  std::set<std::string> seen;
  const auto add = [&](Part part) -> Result<> {
    if (!seen.insert(part.record).second)
      return fail(Code::invalid, "one commit may not change " + part.record + " twice");
    plan.parts.push_back(std::move(part));
    return {};
  };
  // A signal that no history tells of may go by itself; no audit will miss it.
  const bool is_noise = commit.journal.empty() && commit.trigger && !commit.trigger->rollback;
  if (commit.trigger)
    TRY(add(part_of(*commit.trigger, ++place, is_noise ? &manner.keep : nullptr, changed)));
  for (const auto& rollback : commit.rollbacks) TRY(add(part_of(rollback, ++place, changed)));
  for (const auto& head : commit.heads) TRY(add(part_of(head, ++place, changed)));
  for (const auto& head : commit.unchanged_heads) TRY(add(unchanged(head)));
  for (const auto& deployment : commit.deployments) {
    TRY(add(part_of(deployment, ++place, changed)));
    if (!manner.deployments_table.empty()) TRY(add(shown(deployment, manner)));
  }
  for (const auto& notice : commit.notices) {
    // Told once for its key: the second of the same is left out.
    if (seen.contains(record_of(notice))) continue;
    TRY(add(part_of(notice, ++place, changed)));
  }
  for (const auto& entry : commit.journal) {
    plan.entries.push_back({entry.environment,
                            entry.rollback ? entry.rollback->text : "",
                            to_document(entry),
                            std::exchange(changed, {}),
                            {}});
  }
  return plan;
}

std::vector<Part> sealed(const std::vector<Unsealed>& entries, std::map<Environment, Chain>& chains,
                         std::int64_t place) {
  std::vector<Part> parts;
  const auto before = chains;
  for (const auto& entry : entries) {
    auto& chain = chains[entry.environment];
    const auto body = body_of(entry.document, ++chain.sequence, entry.changed, entry.gone);
    chain.hash = hash_of(chain.hash, body);
    Part part{.kind = Part::Kind::chain,
              .change = {},
              .record = "journal/" + entry.environment.name,
              .revision = 0,
              .environment = "",
              .started_at = 0};
    part.change.item = {{"pk", text_value(chain_key(entry.environment).partition)},
                        {"sk", text_value(sort_of(chain.sequence))},
                        {"body", text_value(body)},
                        {"hash", text_value(chain.hash)},
                        {"sequence", number_value(static_cast<std::int64_t>(chain.sequence))},
                        {"place", number_value(++place)}};
    if (!entry.rollback.empty())
      part.change.item["owner"] = text_value("journal#" + entry.rollback);
    part.change.condition.text = "attribute_not_exists(pk)";
    parts.push_back(std::move(part));
  }
  for (const auto& [environment, chain] : chains) {
    const auto key = chain_key(environment);
    Part part{.kind = Part::Kind::chain,
              .change = {},
              .record = "journal/" + environment.name,
              .revision = 0,
              .environment = "",
              .started_at = 0};
    part.change.item = {{"pk", text_value(key.partition)},
                        {"sk", text_value(key.sort)},
                        {"sequence", number_value(static_cast<std::int64_t>(chain.sequence))},
                        {"hash", text_value(chain.hash)}};
    const auto found = before.find(environment);
    if (found == before.end() || found->second.sequence == 0) {
      part.change.condition.text = "attribute_not_exists(pk)";
    } else {
      part.change.condition.text = "#sequence = :was";
      part.change.condition.names = {{"#sequence", "sequence"}};
      part.change.condition.values = {
          {":was", number_value(static_cast<std::int64_t>(found->second.sequence))}};
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

Part erased(const Item& item, const std::string& record) {
  Part part{.kind = Part::Kind::record,
            .change = {.kind = Change::Kind::erase, .item = {}, .update = {}, .condition = {}},
            .record = record,
            .revision = static_cast<std::uint64_t>(number_in(item, "rev")),
            .environment = "",
            .started_at = 0};
  part.change.item = {{"pk", item.at("pk")}, {"sk", item.at("sk")}};
  part.change.condition.text = "rev = :was";
  part.change.condition.values = {{":was", number_value(number_in(item, "rev"))}};
  return part;
}

}  // namespace stepback::aws
