// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the two halves of InfrastructureByStack share: judging (cloudformation.cpp) and asking
// (stack_changes.cpp). Inner to this room; plain values.

#include <string>
#include <vector>

#include "adapters/aws/cloudformation.hpp"

namespace stepback::aws {

inline constexpr std::string_view ours = "stepback-";  // how our change sets begin

// The operation number in the name of a change set of ours; 0: it is another's.
std::uint64_t number_in_name(std::string_view name);

inline InfrastructureReport under_way(std::string detail) {
  return {Progress::under_way, std::move(detail)};
}
inline InfrastructureReport not_started(std::string detail) {
  return {Progress::not_started, std::move(detail)};
}

struct InfrastructureByStack::Work {
  const StackSource* source;
  std::string stack;
  std::string template_address;
  std::string name;  // of the change set, and the token of all it is asked with
  std::uint64_t operation = 0;
};

struct InfrastructureByStack::Stack {
  std::string id;
  std::string status;
  std::string last_change_set;  // the name of the last one that was carried out
  std::string drift;
  std::vector<std::string> parameters;
};

}  // namespace stepback::aws
