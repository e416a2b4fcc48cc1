// SPDX-License-Identifier: Apache-2.0
#pragma once

// Incidents as files: for an escalated rollback, <state>/incidents/<incident>.md for people and
// .json for programs. The same rollback again finds what is there and changes nothing, for people
// write into it. Used by the courier.

#include <string>

#include "ports/outreach.hpp"
#include "wire/notice.hpp"

namespace stepback::local {

struct IncidentFileConfig {
  std::string directory;  // made when the first is opened
  NoticeStyle style;
};

class IncidentFiles final : public Incidents {
 public:
  explicit IncidentFiles(IncidentFileConfig config) : config_(std::move(config)) {}

  // The path of the file for people. conflict: an incident of another rollback has that name.
  Result<std::string> open(const Notice& notice) override;

 private:
  IncidentFileConfig config_;
};

}  // namespace stepback::local
