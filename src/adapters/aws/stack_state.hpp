// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each state of a stack means for going back, and which changes of a stack would lose data.
// Pure tables; any thread.

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace stepback::aws {

enum class StackAnswer {
  go_on,              // at rest, and can be changed
  wait,               // something is under way that ends by itself
  cancel_update,      // an update that can be cancelled, if it is the failed deployment's
  continue_rollback,  // its own rollback got stuck: may be continued, once
  people,             // nothing safe can be done by itself
};

struct StackState {
  std::string_view name;
  StackAnswer answer;
  std::string_view why;  // for people
};

// A state that is not known is for people.
StackState stack_state(std::string_view name);
const std::vector<StackState>& stack_states();

// A resource as a change set would change it.
struct ResourceChange {
  std::string action;       // Add, Modify, Remove, ...
  std::string replacement;  // True, False, Conditional; of a Modify only
  std::string kept;         // what happens to the old one: Delete, Retain, Snapshot, ...
  std::string type;         // AWS::DynamoDB::Table
  std::string name;
};

// "removes Deployments (AWS::DynamoDB::Table)"; empty: it loses nothing. What may be replaced
// counts, and a nested stack that goes, since what is in it can't be seen here.
std::string data_lost_by(const ResourceChange& change);

}  // namespace stepback::aws
