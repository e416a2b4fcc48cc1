// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port Infrastructure by CloudFormation: takes the stacks of an environment, in order, back to
// the templates that were kept when the version was deployed, by change sets. Called by the plan's
// infrastructure step; any thread. It keeps nothing itself: the change set carries our key in its
// name and our operation number before it, and CloudFormation remembers both across a crash.
//
// CloudFormation compares no numbers of ours, so this is what makes every earlier request answered
// or dead before another is issued:
//   - one key is one change set for each stack, however often it is asked for: a second Create is
//     AlreadyExists, a second Execute carries the same token;
//   - a stack carries out one change at a time, and while one is under way look() says under_way,
//     whoever began it;
//   - before a set is made and before it is carried out, those of lower numbers are taken away, and
//     one of a higher number turns us back (conflict); carrying one out makes all others invalid.
//     So no request of an earlier plan, however late, changes a stack after ours was made.
// A step of several stacks is one effect: revert() begins it, and look() carries on under the same
// key what revert() began, one stack after the other; it makes no change set that revert() would
// not have. Both make way first: a deployment's update is cancelled, a rollback that got stuck
// continued.
//
// What it refuses: stacks that are Stepback's own, and changes that would lose data (denied, with
// the list). A stack that only people can help is invalid, with what to do.

#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/service.hpp"
#include "adapters/aws/stack_state.hpp"
#include "ports/delivery.hpp"

namespace stepback::aws {

struct StackSource {
  Environment environment{};
  // In the order they are taken back; {environment}. A stack belongs to one environment, since the
  // numbers that are compared are those of one.
  std::vector<std::string> stacks;
  // Where each template lies: an s3:// or https:// address with {environment}, {version},
  // {infrastructure_version} and {stack}.
  std::string template_location =
      "s3://kiro-pipeline-{environment}-artifacts/{version}/infrastructure/{stack}.template.json";
  bool data_loss_allowed = false;
  std::string role{};  // that CloudFormation takes on for the change; empty: as before
  // How updates of a deployment are known: the beginning of their change set's name or of their
  // token. Such an update is cancelled when it is under way; any other is waited for. An empty one
  // stands for all.
  std::vector<std::string> deployment_marks = {"cdk-deploy-change-set"};
};

struct StacksConfig {
  std::vector<StackSource> sources;
  std::vector<std::string> excluded = {"KiroPipelineShared", "KiroPipelineCore-*"};
  std::string region;  // of the templates' buckets
  // "https://s3.local/{bucket}/{key}": where s3:// templates are read instead. Empty: from S3.
  std::string bucket_address{};
};

class InfrastructureByStack final : public Infrastructure {
 public:
  static constexpr Dialect dialect{
      .id = "cloudformation", .signing = "", .target = "", .version = "2010-05-15"};

  InfrastructureByStack(StacksConfig config, Service& service)
      : config_(std::move(config)), service_(service) {}

  bool configured() const override { return !config_.sources.empty(); }
  Result<InfrastructureReport> revert(const InfrastructureChange& change) override;
  Result<InfrastructureReport> look(const InfrastructureChange& change) override;

  // Has what is there moved away from the stack's template? Starting returns the detection's id; it
  // takes a while, and read_drift() says in a sentence what it found. Nothing is decided by it.
  Result<std::string> start_drift(const std::string& stack);
  Result<std::string> read_drift(const std::string& detection);

 private:
  struct Work;   // one stack of one change
  struct Stack;  // as it was seen
  enum class Begin { no, yes };

  Result<std::vector<Work>> works_of(const InfrastructureChange& change) const;
  std::string template_address(const StackSource& source, const InfrastructureChange& change,
                               const std::string& stack) const;
  Result<InfrastructureReport> go_through(const InfrastructureChange& change, Begin begin);

  Result<InfrastructureReport> carry_on(const Work& work, Begin begin);
  Result<InfrastructureReport> begin_where_possible(const Work& work, const Stack& stack,
                                                    Begin begin);
  Result<InfrastructureReport> judge_executed(const Work& work, const Stack& stack);
  Result<InfrastructureReport> judge_change_set(const Work& work, const Stack& stack,
                                                const Xml& change_set);

  Result<Stack> describe(const std::string& stack);
  Result<std::optional<Xml>> change_set_of(const Work& work, const std::string& page = "");
  Result<std::vector<Xml>> newest_events(const std::string& stack);
  Result<std::vector<std::string>> parameters_kept(const Work& work, const Stack& stack);
  Result<std::string> data_lost(const Work& work, Xml page);

  Result<> make_way(const Work& work);
  Result<> erase(const Work& work, const std::string& name);
  Result<InfrastructureReport> create(const Work& work, const Stack& stack);
  Result<InfrastructureReport> execute(const Work& work);
  Result<InfrastructureReport> cancel_update(const Work& work, const Stack& stack);
  Result<InfrastructureReport> continue_rollback(const Work& work);
  Result<std::string> why_it_failed(const Work& work);

  StacksConfig config_;
  Service& service_;
};

}  // namespace stepback::aws
