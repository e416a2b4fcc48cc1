// SPDX-License-Identifier: Apache-2.0
#pragma once

// Items: how records lie in the table. Inner to this room; any thread.
//
//   pk                sk           what
//   head#ENV          -            the environment's head
//   rollback#ID       -            open=rollback and due=its wake while it is active
//   deployment#ID     -            open=deployment while it is unfinished
//   trigger#KEY       -            owner=its rollback
//   notice#KEY        -            open=notice until every channel has it
//   journal#ENV       0000…0007    an entry: its body and its hash; owner=its rollback
//   journal#ENV       end          where the chain ends
//
// Lists come from the indexes by-list (list, place), by-environment (listed, place), by-owner
// (owner, place) and open (open, due).
//
// Beside these, each deployment stands in its environment's own table as people's commands expect
// it: key deploymentId, times in epoch seconds. It is written in the same transaction, on no
// condition, and nothing is ever decided from it.

#include <string>
#include <vector>

#include "adapters/aws/dynamodb.hpp"
#include "ports/store.hpp"
#include "wire/chain.hpp"

namespace stepback::aws {

inline constexpr std::string_view alone = "-";  // the sort key of a record
inline constexpr std::string_view chain_end = "end";

Key key_of(const Mark& mark);  // "rollback/rb-1" → rollback#rb-1
Key chain_key(const Environment& environment);
std::string sort_of(std::uint64_t sequence);

// One thing to be written, and what a refusal of it means.
struct Part {
  // shown: for people, in a table of theirs.
  enum class Kind { record, notice, chain, shown } kind = Kind::record;
  Change change;
  std::string record;           // for messages: "rollback/rb-1"
  std::uint64_t revision = 0;   // that it was read with
  std::string environment;      // of a deployment, which keeps it,
  std::int64_t started_at = 0;  // and its start
};

// An entry that waits for its place in a chain.
struct Unsealed {
  Environment environment;
  std::string rollback;
  std::string document;
  std::vector<Mark> changed;
  std::vector<std::string> gone;
};

// What one transaction is to do.
struct Plan {
  std::vector<Part> parts;
  std::vector<Unsealed> entries;
};

// What a store adds to records of its own accord.
struct Manner {
  // Of the tables for people, "kiro-pipeline-{environment}-deployments"; empty: there are none.
  std::string deployments_table;
  // How long a signal that came to nothing stays; the table drops it by itself afterwards.
  Duration keep = hours(90 * 24);
};

// invalid: a record is in it twice. Places in lists begin behind `place`.
Result<Plan> plan_of(const Commit& commit, const Manner& manner, std::int64_t place);
// The entries, sealed behind the ends that `chains` has, as parts; it has the new ends then.
struct Chain {
  std::uint64_t sequence = 0;
  std::string hash;
};
std::vector<Part> sealed(const std::vector<Unsealed>& entries, std::map<Environment, Chain>& chains,
                         std::int64_t place);
// Leaves the record out of the table, if it is still as it was seen.
Part erased(const Item& item, const std::string& record);
// And out of the table for people.
Part no_longer_shown(const Deployment& deployment, const Manner& manner);

}  // namespace stepback::aws
