// SPDX-License-Identifier: Apache-2.0
#pragma once

// Deploying: how a deployment's record moves, from begun to baked, and who may begin one. Pure; the
// deployer in the engine, and other tools through `deploy start|succeed|fail`, commit what it says.

#include <optional>
#include <string>
#include <vector>

#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/policy.hpp"

namespace stepback {

struct DeployRequest {
  Environment environment;
  Version version;
  Digest digest;
  std::string started_by;
  std::string holder;
  std::optional<bool> infrastructure_changed;
  std::string infrastructure_version;
  std::string artifact_location;
  std::string one_way;
  bool one_way_confirmed = false;
  std::optional<RollbackId> undoes;  // it brings back what that rollback went back from
  std::vector<AlarmBaseline> baseline;
};

// Both records with what is to be written; the journal and the notices go with them.
struct DeployChange {
  Head head;
  Deployment deployment;
  std::vector<JournalEntry> journal;
  std::vector<Notice> notices;
};

// A line more in its journal, about its deployment if it has one.
void note(DeployChange& change, Instant now, std::string kind, std::string actor, std::string text);

// conflict: a rollback owns the environment, or another deployment is in progress. denied: the
// version is held here, the environment waits for people, or it would close the way back and nobody
// has confirmed that. What undoes a rollback lifts the hold that one placed.
Result<DeployChange> begin_deployment(Head head, const std::optional<Deployment>& current,
                                      const DeployRequest& request, Instant now,
                                      const Policy& policy, DeploymentId id);

// Gives the deployment the next operation number for its switch.
Result<DeployChange> number_switch(Head head, Deployment deployment, Instant now);

// It is live: the switch was seen. From here on an alarm is its business.
Result<DeployChange> note_cutover(Head head, Deployment deployment, Instant now);

// A gate's verdict stays with the environment, and with the deployment if it is current. A pass
// lifts the hold that a failure of the same gate placed; nothing else it does.
Result<DeployChange> note_verdict(Head head, std::optional<Deployment> current, GateRecord gate,
                                  const std::string& by, Instant now);

// The stage that had kept a version out has passed; none: it had not.
std::optional<DeployChange> pass_stage(Head head, const Version& version, const std::string& stage,
                                       Instant now);

// A sign of life of a deployer: its deadline begins anew. conflict: it is no longer in progress.
Result<DeployChange> extend_deadline(Head head, Deployment deployment, Instant now,
                                     const Policy& policy);

// conflict for these three: it is no longer in progress, or no longer the current one.
Result<DeployChange> succeed_deployment(Head head, Deployment deployment, Instant now);
Result<DeployChange> fail_deployment(Head head, Deployment deployment, const std::string& why,
                                     Instant now);

// What is told of a deployment that is no longer in progress, once: how it ended and how long it
// took. The functions above put it among the notices; whoever else ends one does, too.
Notice deployment_ended(const Deployment& deployment, Instant now);

// Bake time has passed without an attributable alarm: it may be gone back to from now on.
Result<DeployChange> finish_baking(Head head, Deployment deployment, Instant now);

// A person corrects what a record says; nothing that runs is touched. conflict: a rollback is at
// the environment, the record says so already, or failing what runs, which is `deploy fail`'s to
// do. invalid: no reason, an end before its start or in the future, or back to in progress.
struct AmendRequest {
  DeploymentStatus status = DeploymentStatus::failed;
  std::optional<Instant> ended_at;  // none: as recorded, or now
  std::string by;
  std::string reason;
};
Result<DeployChange> amend_deployment(Head head, Deployment deployment, const AmendRequest& request,
                                      Instant now);

// People give an environment back to automation, or let a release in again.
Result<DeployChange> hand_back(Head head, const std::string& by, const std::string& reason,
                               Instant now);
Result<DeployChange> add_hold_by_hand(Head head, Hold hold, Instant now);
Result<DeployChange> release_hold_by_hand(Head head, const Version& version, const std::string& by,
                                          const std::string& reason, Instant now);

// In progress, or succeeded and not yet good: somebody still has to look at it.
bool is_unfinished(const Deployment& deployment);

}  // namespace stepback
