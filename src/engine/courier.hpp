// SPDX-License-Identifier: Apache-2.0
#pragma once

// Courier: carries notices from the outbox to people, at least once and at its own pace. A channel
// that is down is tried again later and holds up neither the others nor any rollback. One thread.

#include <optional>
#include <vector>

#include "base/log.hpp"
#include "ports/outreach.hpp"
#include "ports/store.hpp"

namespace stepback {

class Courier {
 public:
  Courier(Outbox& outbox, std::vector<Notifier*> channels, Incidents& incidents, const Clock& clock,
          const Log* log)
      : outbox_(outbox),
        channels_(std::move(channels)),
        incidents_(incidents),
        clock_(clock),
        log_(log) {}

  // Everything that is due, once; none is begun after `until`. Returns how many notices have
  // reached everybody.
  Result<int> turn(std::optional<Instant> until = std::nullopt);
  struct Told {
    std::string channel;
    Result<> result;
  };
  // Tells these channels at once, whatever they want to hear of; nothing is kept.
  std::vector<Told> tell_now(const Notice& notice, const std::vector<std::string>& channels);
  // What some channel could not be told at its first try: whom, and of what.
  Result<std::vector<std::string>> unheard();

 private:
  bool tell(const OutboxItem& item, std::string& trouble);
  bool open_incident(const OutboxItem& item, std::string& trouble);

  Outbox& outbox_;
  std::vector<Notifier*> channels_;
  Incidents& incidents_;
  const Clock& clock_;
  const Log* log_;  // may be null
};

}  // namespace stepback
