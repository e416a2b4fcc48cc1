// SPDX-License-Identifier: Apache-2.0
#pragma once

// Observation: what the engine can see of the world. An error means that it could not be seen,
// which is never the same as healthy.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/validation.hpp"

namespace stepback {

class Alarms {
 public:
  virtual ~Alarms() = default;
  // Every alarm of the environment, all pages and kinds, with roles filled in.
  virtual Result<std::vector<AlarmSeen>> list(const Environment& environment) = 0;
};

class Health {
 public:
  virtual ~Health() = default;
  // Carries out every probe of the environment: N of M attempts, each with its limits.
  virtual Result<std::vector<HealthSeen>> probe(const Environment& environment) = 0;
};

class Logs {
 public:
  virtual ~Logs() = default;
  // Errors since the cutover, held against the usual rate before it.
  virtual Result<std::vector<LogsSeen>> look(const Environment& environment, Instant cutover,
                                             Duration look_back) = 0;
};

class LiveVersion {
 public:
  virtual ~LiveVersion() = default;
  // Asked of what runs, not of what was written down.
  virtual Result<VersionSeen> read(const Environment& environment) = 0;
};

}  // namespace stepback
