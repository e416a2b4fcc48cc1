// SPDX-License-Identifier: Apache-2.0
#pragma once

// A change that a person makes to an environment's record, decided by the domain on what is stored
// now and committed; anew when somebody else was first. One thread.

#include <functional>

#include "engine/engine.hpp"

namespace stepback::cli {

inline Result<> change_head(Engine& engine, const Environment& environment,
                            const std::function<Result<DeployChange>(Head)>& change) {
  return commit_anew(engine.store, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(engine.store.head(environment));
    return commit_of(TRY(change(std::move(head))), false);
  });
}

}  // namespace stepback::cli
