// SPDX-License-Identifier: Apache-2.0
#include "app/known_names.hpp"

#include "adapters/sqlite/known.hpp"
#include "app/place.hpp"

namespace stepback {

cli::KnownNames known_names(const std::string& configuration, const Variables& variables) {
  cli::KnownNames names;
  const auto path = configuration_path(configuration, variables);
  const auto config = path ? load_config(*path, variables) : Result<Config>(fail(path.error()));
  if (!config) return names;
  for (const auto& each : config->environments) {
    names.environments.push_back(each.environment.name);
    for (const auto& alarm : each.alarms) names.alarms.push_back(alarm.name);
  }
  if (config->records.kind != RecordsKind::sqlite) return names;
  auto known = sqlite::known_in(config->records.path);
  if (!known) return names;
  names.versions = std::move(known->versions);
  names.ids = std::move(known->rollbacks);
  names.ids.insert(names.ids.end(), known->deployments.begin(), known->deployments.end());
  return names;
}

}  // namespace stepback
