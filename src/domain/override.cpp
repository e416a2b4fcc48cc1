// SPDX-License-Identifier: Apache-2.0
#include "domain/override.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stepback {
namespace {

bool is_over(const Override& word, Instant now) { return word.until <= now; }

}  // namespace

Result<DeployChange> add_override(Head head, Override word, Instant now) {
  if (!may_be_accepted(word.check)) {
    return fail(Code::invalid,
                fmt::format("{} cannot be overridden: only a check called \"alarm NAME\", \"health "
                            "NAME\" or \"logs NAME\" can",
                            word.check));
  }
  if (word.reason.empty()) return fail(Code::invalid, "an override wants a reason");
  if (is_over(word, now) || word.until - now > longest_override) {
    return fail(Code::invalid, "an override lasts from a moment to seven days");
  }
  DeployChange change{.head = std::move(head)};
  std::erase_if(change.head.overrides, [&](const Override& known) {
    return known.check == word.check || is_over(known, now);
  });
  note(change, now, "override.added", word.by,
       fmt::format("{} does not count until {}: {}", word.check, to_rfc3339_seconds(word.until),
                   word.reason));
  change.head.overrides.push_back(std::move(word));
  return change;
}

Result<DeployChange> remove_override(Head head, const std::string& check, const std::string& by,
                                     const std::string& reason, Instant now) {
  const auto removed = std::erase_if(head.overrides, [&](const Override& known) {
    return known.check == check && !is_over(known, now);
  });
  if (removed == 0) {
    return fail(Code::not_found,
                fmt::format("nothing overrides {} in {}", check, head.environment.name));
  }
  DeployChange change{.head = std::move(head)};
  note(change, now, "override.removed", by, check + " counts again: " + reason);
  return change;
}

std::vector<Override> overrides_in_force(const Head& head, Instant now) {
  auto words = head.overrides;
  std::erase_if(words, [&](const Override& word) { return is_over(word, now); });
  return words;
}

std::vector<Acceptance> accepted_in(const Head& head, const Wish& wish, Instant now) {
  std::vector<Acceptance> accepted;
  for (const auto& alarm : wish.accepted_alarms)
    accepted.push_back({"alarm " + alarm, "accepted by a person for this rollback"});
  for (const auto& word : overrides_in_force(head, now)) {
    accepted.push_back({word.check, fmt::format("overridden by {} until {} ({})", word.by,
                                                to_rfc3339_seconds(word.until), word.reason)});
  }
  return accepted;
}

}  // namespace stepback
