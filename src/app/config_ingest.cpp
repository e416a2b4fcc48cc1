// SPDX-License-Identifier: Apache-2.0
#include "app/config_ingest.hpp"

#include <fmt/core.h>

#include "app/config_reading.hpp"
#include "domain/environment.hpp"

namespace stepback {
namespace {

Mapping read_hook(const Section& section) {
  Mapping hook;
  section.read("name", hook.name);
  section.read("environment", hook.environment);
  section.read("state", hook.state);
  section.read("at", hook.at);
  section.read("reason", hook.reason);
  section.read("version", hook.version);
  section.read("firing", hook.firing);
  section.read("resolved", hook.resolved);
  if (!hook.state.empty() && hook.firing.empty()) {
    section.wrong("state", "firing does not say which of its texts mean ALARM");
  }
  return hook;
}

}  // namespace

IngestConfig read_ingest(const Section& server) {
  IngestConfig ingest;
  const auto section = server.child("ingest");
  if (!section) return ingest;
  ingest.token = read_reference(*section, "token");
  ingest.secrets = read_references(*section, "hmac");
  section->read("topics", ingest.topics);
  const auto hooks = section->child("hooks");
  if (!hooks) return ingest;
  for (const auto& [name, value] : section->members("hooks")) {
    // The same letters as an environment: it becomes a part of an address.
    if (!parse_environment(name)) {
      hooks->wrong(name, fmt::format("{} is no name of a hook: a small letter, then up to 31 small "
                                     "letters, digits and dashes",
                                     in_quotes(name)));
      continue;
    }
    if (const auto hook = hooks->child(name)) ingest.hooks.emplace(name, read_hook(*hook));
  }
  return ingest;
}

}  // namespace stepback
