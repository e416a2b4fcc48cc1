// SPDX-License-Identifier: Apache-2.0
#pragma once

// Surroundings: what else was going on around a rollback, for its archive: how alarms turned, what
// was logged, how the pipeline stood, what its reports said, what differs between the two versions.
// What could not be had says why in its place. Asks the engine; one thread.

#include <vector>

#include "engine/engine.hpp"
#include "entry/cli/archive.hpp"

namespace stepback::cli {

std::vector<ArchiveFile> surroundings_of(Engine& engine, const Evidence& evidence);

}  // namespace stepback::cli
