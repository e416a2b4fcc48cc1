// SPDX-License-Identifier: Apache-2.0
#include "engine/deployer.hpp"

#include <fmt/core.h>

#include "domain/override.hpp"

namespace stepback {

Result<Deployment> Deployer::current(const Environment& environment) {
  const auto head = TRY(store_.head(environment));
  if (!head.current)
    return fail(Code::not_found, "no deployment is recorded in " + environment.name);
  return store_.deployment(*head.current);
}

Result<Deployment> Deployer::begin(DeployRequest request) {
  for (const auto& alarm : TRY(alarms_.list(request.environment)))
    request.baseline.push_back({alarm.name, alarm.state});
  request.artifact_location = publisher_.location(request.environment, request.version);
  const auto id = make_id<DeploymentTag>(clock_.now(), random_);
  auto done = commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(store_.head(request.environment));
    std::optional<Deployment> before;
    if (head.current) before = TRY(store_.deployment(*head.current));
    return commit_of(TRY(
        begin_deployment(std::move(head), before, request, clock_.now(), settings_.policy, id)));
  });
  TRY(std::move(done));
  return store_.deployment(id);
}

// One step of the record, on what is stored now: somebody may have taken the environment. Whoever
// only noted something (a sign of life, an alert, that the one before is good) was first for a
// moment, and it is made again.
Result<> Deployer::step(Deployment& deployment, const Step& change) {
  auto done = commit_anew(store_, [&]() -> Result<std::optional<Commit>> {
    auto head = TRY(store_.head(deployment.environment));
    auto stored = TRY(store_.deployment(deployment.id));
    const auto next = TRY(change(std::move(head), std::move(stored), clock_.now()));
    operation_ = next.head.operations;
    return commit_of(next);
  });
  TRY(std::move(done));
  deployment = TRY(store_.deployment(deployment.id));
  return {};
}

// What follows a switch elsewhere is asked about until it is over, or the limit is.
Result<std::string> Deployer::switch_until_over(const Switch& change) {
  const auto end = clock_.steady() + change.limit;
  for (;;) {
    auto switched = delivery_.artifacts.switch_to(change);
    if (switched || switched.error().code != Code::timeout) return switched;
    const auto pointer = delivery_.artifacts.pointer(change.environment);
    const bool goes_on = pointer && pointer->is_followed(change.operation);
    if (!goes_on || clock_.steady() >= end) return switched;
    if (!waiter_.wait(settings_.policy.poll_every)) return switched;
  }
}

Result<> Deployer::switch_over(Deployment& deployment, const Progress& progress) {
  TRY(step(deployment, number_switch));
  const auto operation = operation_;
  progress("switch", fmt::format("under number {}", operation));
  // From here on it may be live, and the record says so before it is: a crash leaves no doubt.
  TRY(step(deployment, note_cutover));
  auto switched = switch_until_over({.environment = deployment.environment,
                                     .version = deployment.version,
                                     .digest = deployment.digest,
                                     .operation = operation,
                                     .key = deployment.id.text + "/switch",
                                     .limit = settings_.policy.application_limit});
  if (!switched) return fail(switched.error().during("switching to " + deployment.version.text));
  operation_ = operation;
  progress("switch", *switched);
  return {};
}

Result<Validation> Deployer::check(const Deployment& deployment, std::uint64_t operation,
                                   Duration limit) {
  const auto begun = clock_.now();
  Expectation expected{.version = deployment.version,
                       .digest = deployment.digest,
                       .operation = operation,
                       .cutover = deployment.cutover_at.value_or(begun),
                       .baseline = deployment.baseline};
  for (;;) {
    expected.accepted = accepted_in(TRY(store_.head(deployment.environment)), {}, clock_.now());
    const auto observation =
        performer_.look_around(deployment.environment, expected.cutover, settings_.policy);
    auto validation = validate(observation, expected, settings_.policy);
    const auto stored = TRY(store_.deployment(deployment.id));
    if (stored.status != DeploymentStatus::in_progress) {
      return fail(Code::conflict, "it was stopped: " + stored.failure);
    }
    // A service that starts may fail its first probes; a verdict needs the limit or a pass.
    if (validation.verdict == Verdict::passed || clock_.now() - begun >= limit) return validation;
    if (!waiter_.wait(settings_.policy.look_every))
      return fail(Code::unavailable, "interrupted while checking");
  }
}

Result<Deployer::Report> Deployer::failed(Deployment deployment, const std::string& why) {
  Report report{.deployment = std::move(deployment), .why = why};
  auto head = TRY(store_.head(report.deployment.environment));
  auto stored = TRY(store_.deployment(report.deployment.id));
  if (stored.status == DeploymentStatus::in_progress) {
    const auto change = TRY(fail_deployment(std::move(head), std::move(stored), why, clock_.now()));
    TRY(commit_change(store_, change));
    head = TRY(store_.head(report.deployment.environment));
    stored = TRY(store_.deployment(report.deployment.id));
  }
  report.deployment = stored;
  if (head.slot) {
    report.rollback = head.slot;  // an alarm was quicker
  } else if (has_touched(stored)) {
    report.rollback = TRY(intake_.take(failure_signal(stored, "deploy"))).record.rollback;
  }
  return report;
}

// What is to be switched to lies where switches take it from: it is put there, or it was before.
Result<> Deployer::provide(Order& order) {
  auto& request = order.request;
  if (request.digest.empty()) {
    request.digest =
        TRY(publisher_.publish(request.environment, request.version, order.from_directory));
    return {};
  }
  const auto report =
      TRY(delivery_.artifacts.check(request.environment, request.version, request.digest, true));
  if (report.state == ArtifactState::present) return {};
  return fail(report.state == ArtifactState::missing ? Code::not_found : Code::corrupt,
              fmt::format("artifacts of {} {}: {}", request.version.text, name_of(report.state),
                          report.detail));
}

Result<Deployer::Report> Deployer::deploy(Order order, const Progress& progress) {
  DeployRequest& request = order.request;
  TRY(provide(order));
  progress("publish",
           fmt::format("{} as {}", request.version.text, request.digest.hex.substr(0, 12)));
  auto deployment = TRY(begin(std::move(request)));
  progress("begin", deployment.id.text);
  if (on_begun) on_begun(deployment);
  auto report = carry_out(std::move(deployment), order.check_limit, progress);
  if (on_ended) on_ended();
  return report;
}

Result<Deployer::Report> Deployer::carry_out(Deployment deployment, Duration check_limit,
                                             const Progress& progress) {
  if (auto switched = switch_over(deployment, progress); !switched)
    return failed(deployment, switched.error().message);
  auto validation = check(deployment, operation_, check_limit);
  if (!validation) return failed(deployment, validation.error().message);
  progress("check", validation->success ? "passed" : validation->reason);
  if (!validation->success) {
    auto report = TRY(failed(deployment, "its checks did not pass: " + validation->reason));
    report.validation = *std::move(validation);
    return report;
  }
  if (auto ended = step(deployment, succeed_deployment); !ended)
    return failed(deployment, ended.error().message);
  return Report{.deployment = std::move(deployment), .validation = *std::move(validation)};
}

Result<Deployment> Deployer::start(DeployRequest request) {
  auto deployment = TRY(begin(std::move(request)));
  TRY(step(deployment, note_cutover));  // another tool does the switching: assume the worst
  return deployment;
}

Result<Deployment> Deployer::succeed(const Environment& environment) {
  auto deployment = TRY(current(environment));
  TRY(step(deployment, succeed_deployment));
  return deployment;
}

Result<Deployment> Deployer::heartbeat(const Environment& environment) {
  auto deployment = TRY(current(environment));
  const auto extend = [&](Head head, Deployment stored, Instant now) {
    return extend_deadline(std::move(head), std::move(stored), now, settings_.policy);
  };
  TRY(step(deployment, extend));
  return deployment;
}

Result<Deployer::Report> Deployer::give_up(const Environment& environment, const std::string& why) {
  auto deployment = TRY(current(environment));
  if (deployment.status != DeploymentStatus::in_progress) {
    return fail(Code::conflict,
                deployment.id.text + " is " + std::string(name_of(deployment.status)) + " already");
  }
  return failed(std::move(deployment), why);
}

Result<Deployment> Deployer::amend(const DeploymentId& id, const AmendRequest& request) {
  auto deployment = TRY(store_.deployment(id));
  const auto correct = [&](Head head, Deployment stored, Instant now) {
    return amend_deployment(std::move(head), std::move(stored), request, now);
  };
  TRY(step(deployment, correct));
  return deployment;
}

Result<Deployer::Report> Deployer::never_ran(DeployRequest request, const std::string& why) {
  return failed(TRY(begin(std::move(request))), why);
}

}  // namespace stepback
