// SPDX-License-Identifier: Apache-2.0
#pragma once

// Deploying at a terminal: what is done is told as it happens, Ctrl-C has the deployment fail, and
// a failure is followed to the end of its rollback. One thread calls it; it has one of its own.

#include <string>

#include "entry/cli/session.hpp"

namespace stepback::cli {

struct LiveDeployment {
  Deployer::Order order;
  bool wait_bake = false;  // stay until it is good, or taken back
};
Answered<> deploy_live(Session& session, Engine& engine, LiveDeployment live);

// Who or what is in the way tells what to look at.
Deed deploying(const Environment& environment, const std::string& version, Code code);
void print_deployment(Session& session, const Deployment& deployment, Line line);
// What follows a deployment that did not succeed: its rollback, if anything of it was live.
Answered<> after_failure(Session& session, Engine& engine, const Deployer::Report& report);

}  // namespace stepback::cli
