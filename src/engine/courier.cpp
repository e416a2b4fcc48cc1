// SPDX-License-Identifier: Apache-2.0
#include "engine/courier.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace stepback {
namespace {

constexpr std::size_t carried_at_once = 200;
constexpr Duration first_pause = seconds(1);
constexpr Duration longest_pause = minutes(5);
// Longer than telling takes as a rule; then whoever told it is taken for dead. Where a channel
// takes longer, another courier may tell it too: twice rather than never.
constexpr Duration while_it_is_told = seconds(20);
constexpr std::string_view incident_channel = "incident";

Duration pause_after(int attempts) {
  Duration pause = first_pause;
  for (int i = 0; i < attempts && pause < longest_pause; ++i) pause *= 2;
  return std::min(pause, longest_pause);
}

bool has(const OutboxItem& item, std::string_view channel) {
  return std::ranges::find(item.told, channel) != item.told.end();
}

}  // namespace

Result<int> Courier::turn(std::optional<Instant> until) {
  const auto items = TRY(outbox_.waiting(clock_.now(), carried_at_once));
  int done = 0;
  for (const auto& item : items) {
    if (until && clock_.now() >= *until) break;
    const auto claimed = outbox_.claim(item, clock_.now() + while_it_is_told);
    if (!claimed && claimed.error().code == Code::conflict) continue;
    TRY(claimed);
    std::string trouble;
    const bool opened = open_incident(item, trouble);
    const bool told = tell(item, trouble);
    if (opened && told) {
      TRY(outbox_.close(item.notice.key));
      ++done;
    } else {
      TRY(outbox_.try_again(item.notice.key, clock_.now() + pause_after(item.attempts), trouble));
    }
  }
  return done;
}

std::vector<Courier::Told> Courier::tell_now(const Notice& notice,
                                             const std::vector<std::string>& channels) {
  std::vector<Told> all;
  for (Notifier* channel : channels_) {
    if (std::ranges::find(channels, channel->name()) == channels.end()) continue;
    all.push_back({std::string(channel->name()), channel->tell(notice)});
  }
  return all;
}

Result<std::vector<std::string>> Courier::unheard() {
  std::vector<std::string> waiting;
  for (const auto& item : TRY(outbox_.waiting(never, carried_at_once))) {
    if (item.attempts == 0) continue;
    std::string deaf;
    for (const auto* channel : channels_) {
      if (!channel->wants(item.notice) || has(item, channel->name())) continue;
      deaf += (deaf.empty() ? "" : ", ") + std::string(channel->name());
    }
    waiting.push_back(fmt::format("{} after {} tries, by {}", item.notice.key, item.attempts,
                                  deaf.empty() ? incident_channel : deaf));
  }
  return waiting;
}

bool Courier::open_incident(const OutboxItem& item, std::string& trouble) {
  if (item.notice.kind != NoticeKind::rollback_escalated || has(item, incident_channel))
    return true;
  const auto opened = incidents_.open(item.notice);
  if (opened && outbox_.mark_told(item.notice.key, std::string(incident_channel), clock_.now()))
    return true;
  trouble = opened ? "the store" : "incident: " + opened.error().message;
  return false;
}

bool Courier::tell(const OutboxItem& item, std::string& trouble) {
  std::vector<Notifier*> lacking;
  for (Notifier* channel : channels_)
    if (!has(item, channel->name()) && channel->wants(item.notice)) lacking.push_back(channel);
  bool all = true;
  for (Notifier* channel : lacking) {
    const auto told = channel->tell(item.notice);
    // When all others have it, the notice is closed next, which says as much of this one.
    const bool is_closed_next = trouble.empty() && channel == lacking.back();
    if (told && (is_closed_next ||
                 outbox_.mark_told(item.notice.key, std::string(channel->name()), clock_.now())))
      continue;
    all = false;
    trouble = std::string(channel->name()) + ": " + (told ? "the store" : told.error().message);
    if (log_ != nullptr)
      log_->warning("notice not delivered", {{"notice", item.notice.key}, {"why", trouble}});
  }
  return all;
}

}  // namespace stepback
