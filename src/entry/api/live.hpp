// SPDX-License-Identifier: Apache-2.0
#pragma once

// Live: what changes in the store, told to everybody who follows, as it changes; whichever process
// changed it. One look at the store serves all viewers, and none of them holds a thread. An event's
// id says how far each environment's journal was told, so that whoever comes back with the last id
// they saw is told what they missed. Who reads too slowly is dropped, and comes back by themselves.
// look() is for one thread; the rest for any.

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "engine/engine.hpp"
#include "http/message.hpp"
#include "http/responder.hpp"

namespace stepback {

class Live {
 public:
  struct Options {
    std::size_t most_viewers = 1000;  // beyond them: 503
    std::size_t most_missed = 500;    // journal entries; beyond them everything is asked for anew
  };
  Live(Engine& engine, Options options);

  // Tells what changed since the last look. Nothing is read while nobody follows.
  Result<> look();
  // On a handler's thread: becomes a stream, or is refused.
  void follow(const http::Request& request, http::Responder responder);
  // Something that is in no record, to all who follow.
  void tell(const std::string& name, const json::Value& data);
  std::size_t viewers();

 private:
  // How far each journal was told, in the order of chains_.
  using Cursor = std::vector<std::uint64_t>;
  struct Changes {
    std::vector<http::Event> events;
    std::set<RollbackId> rollbacks;
    std::set<DeploymentId> deployments;
    bool is_whole = true;  // false: there was more than is taken at once
  };

  Result<std::uint64_t> end_of(const Environment& chain);
  Result<> begin_anew();
  Result<> look_and_tell();
  Result<> read_journals(Cursor& cursor, const Cursor* until, std::size_t most, Changes& changes);
  Result<> note_heads(Changes& changes, bool all);
  Result<> note_active(Changes& changes, bool all);
  Result<> write_records(Changes& changes);
  Result<std::vector<http::Event>> missed(const std::optional<std::string>& last_id);
  void send(const http::Event& event);
  http::Event hello() const;

  Engine& engine_;
  const Options options_;
  const Environments chains_;  // every environment, and the service as a whole
  std::mutex mutex_;           // guards the rest
  std::vector<http::Stream> viewers_;
  Cursor cursor_;                                  // empty: nothing has been looked at for a while
  std::map<Environment, std::uint64_t> heads_;     // revisions as told
  std::map<RollbackId, std::uint64_t> rollbacks_;  // of the active ones
};

}  // namespace stepback
