// SPDX-License-Identifier: Apache-2.0
#include "engine/holding.hpp"

#include <algorithm>

namespace stepback {
namespace {

constexpr std::size_t looked_through = 200;

// The held version that was meant: the beginning of one will do.
Version held_version(const Head& head, const std::string& text) {
  std::optional<Version> meant;
  for (const auto& hold : head.holds) {
    if (hold.version.text == text) return hold.version;
    if (!hold.version.text.starts_with(text)) continue;
    if (meant) return {text};
    meant = hold.version;
  }
  return meant.value_or(Version{text});
}

}  // namespace

Result<> change_head(Query& query, const Environment& environment,
                     const std::function<Result<DeployChange>(Head)>& change) {
  return commit_anew(query.store(), [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(query.store().head(environment));
    return commit_of(TRY(change(std::move(head))), false);
  });
}

Result<Hold> keep_out(Query& query, const Environment& environment, Hold hold) {
  const auto history =
      TRY(query.ledger().deployments({.environment = environment, .limit = looked_through}));
  const auto same = std::ranges::find(history, hold.version, &Deployment::version);
  if (same != history.end()) hold.digest = same->digest;
  TRY(change_head(query, environment,
                  [&](Head head) { return add_hold_by_hand(std::move(head), hold, hold.since); }));
  return hold;
}

Result<Version> let_in(Query& query, const Environment& environment, const std::string& version,
                       const Hand& hand) {
  auto meant = TRY(parse_version(version));
  TRY(change_head(query, environment, [&](Head head) {
    meant = held_version(head, version);
    return release_hold_by_hand(std::move(head), meant, hand.by, hand.reason, hand.at);
  }));
  return meant;
}

Result<> give_back(Query& query, const Environment& environment, const Hand& hand) {
  return change_head(query, environment, [&](Head head) {
    return hand_back(std::move(head), hand.by, hand.reason, hand.at);
  });
}

}  // namespace stepback
