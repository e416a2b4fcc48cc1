// SPDX-License-Identifier: Apache-2.0
#include "app/aws_side.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "adapters/aws/incidents.hpp"
#include "adapters/aws/sns.hpp"
#include "adapters/local/process.hpp"
#include "app/adapter_configs.hpp"

namespace stepback {
namespace {

constexpr Duration credential_process_limit = seconds(30);

// As the rooms of AWS keep them.
std::map<std::string, std::string> plain(const Variables& variables) {
  return {variables.begin(), variables.end()};
}

aws::Surroundings surroundings(const Config& config, const Variables& variables,
                               aws::Transport& transport, const Clock& clock) {
  aws::Surroundings around;
  around.variables = plain(variables);
  if (const auto home = variables.find("HOME"); home != variables.end()) around.home = home->second;
  around.read_file = [](const std::string& path) { return local::read_file(path); };
  around.run = [&clock](const std::vector<std::string>& command) -> Result<std::string> {
    const auto ended = TRY(local::run(
        {.arguments = command, .drop_errors = true, .limit = credential_process_limit}, clock));
    TRY(local::must_succeed(ended, "credential_process"));
    return ended.output;
  };
  around.send = [&transport](const http::Call& call) { return transport.send(call); };
  around.profile = config.aws.profile;
  return around;
}

std::string region_for(const Config& config, const aws::Surroundings& around) {
  return config.aws.region.empty() ? aws::region_of(around) : config.aws.region;
}

std::vector<aws::ReleasePlace> places_of(const Config& config) {
  std::vector<aws::ReleasePlace> places;
  for (const auto& each : config.environments) {
    if (each.application.kind != ApplicationKind::s3) continue;
    aws::ReleasePlace place{.environment = each.environment,
                            .source_bucket = each.application.artifacts,
                            .target_bucket = each.application.live,
                            .pointer_key = each.application.pointer,
                            .remove_extras = each.application.remove_extras};
    places.push_back(std::move(place));
  }
  return places;
}

// Lets executions into a pipeline again once the environment is well. A courtesy: what keeps a bad
// version out is its hold.
class Thaw final : public Notifier {
 public:
  explicit Thaw(aws::CodePipelines& pipelines) : pipelines_(pipelines) {}
  std::string_view name() const override { return "thaw"; }
  bool wants(const Notice& notice) const override {
    return notice.kind == NoticeKind::rollback_completed ||
           notice.kind == NoticeKind::rollback_cancelled;
  }
  Result<> tell(const Notice& notice) override {
    auto thawed = pipelines_.thaw(notice.environment);
    for (const auto& other : notice.environments_rolled_back) {
      auto went = pipelines_.thaw(Environment{other});
      if (!went) thawed = std::move(went);
    }
    return thawed;
  }

 private:
  aws::CodePipelines& pipelines_;
};

// What is still under way is looked at again by the plan, under the same number.
std::function<Result<std::string>(const Switch&)> after_switch(aws::SwitchHook hook,
                                                               std::string what) {
  return [hook = std::move(hook),
          what = std::move(what)](const Switch& change) -> Result<std::string> {
    switch (TRY(hook.begin_or_look(change))) {
      case Progress::done: return what + " follows";
      case Progress::under_way: return fail(Code::timeout, what + " is still following");
      case Progress::not_started: return fail(Code::unavailable, what + " did not follow");
    }
    std::unreachable();
  };
}

std::vector<aws::FunctionSource> functions_of(const Config& config) {
  std::vector<aws::FunctionSource> sources;
  for (const auto& each : config.environments) {
    if (each.application.function.empty()) continue;
    sources.push_back({.environment = each.environment,
                       .function = each.application.function,
                       .alias = each.application.alias,
                       .bucket = each.application.live});
  }
  return sources;
}

std::vector<aws::BuildSource> builds_that_deploy(const Config& config) {
  std::vector<aws::BuildSource> sources;
  for (const auto& each : config.environments) {
    if (each.application.build_project.empty()) continue;
    sources.push_back({.environment = each.environment, .project = each.application.build_project});
  }
  return sources;
}

std::vector<aws::BuildSource> builds_that_revert(const Config& config) {
  std::vector<aws::BuildSource> sources;
  for (const auto& each : config.environments) {
    if (!each.infrastructure || each.infrastructure->kind != InfrastructureKind::codebuild)
      continue;
    sources.push_back({.environment = each.environment,
                       .project = each.infrastructure->project,
                       .source_version = "{infrastructure_version}"});
  }
  return sources;
}

aws::StacksConfig stacks_of(const Config& config, const std::string& region) {
  aws::StacksConfig stacks;
  stacks.region = region;
  for (const auto& each : config.environments) {
    if (!each.infrastructure || each.infrastructure->kind != InfrastructureKind::cloudformation)
      continue;
    aws::StackSource source{.environment = each.environment, .stacks = each.infrastructure->stacks};
    source.template_location = each.infrastructure->templates;
    source.data_loss_allowed = each.infrastructure->allow_destructive;
    stacks.sources.push_back(std::move(source));
  }
  return stacks;
}

aws::CodePipelinesConfig pipelines_of(const Config& config, const Variables& variables) {
  aws::CodePipelinesConfig pipelines;
  for (const auto& each : config.environments) {
    if (!each.pipeline || each.pipeline->kind != PipelineKind::codepipeline) continue;
    pipelines.sources.push_back(
        {.environment = each.environment,
         .pipeline = each.pipeline->name,
         .mode = each.pipeline->abandon ? aws::StopMode::abandon : aws::StopMode::finish,
         .frozen_stage = each.pipeline->freeze});
  }
  // A build project of the pipeline that rolls itself back is told by its buildspec.
  const auto own = variables.find("STEPBACK_PIPELINE_EXECUTION");
  if (own != variables.end()) pipelines.own_execution = own->second;
  return pipelines;
}

aws::AwsWiringConfig wiring_of(const Config& config) {
  aws::AwsWiringConfig wiring{.rule = config.aws.rule,
                              .function = config.aws.function,
                              .dead_letters = !config.aws.dead_letters.empty(),
                              .places = {}};
  for (const auto& each : config.environments) {
    aws::AwsWiringConfig::Place place{.environment = each.environment};
    if (each.infrastructure && each.infrastructure->kind == InfrastructureKind::cloudformation)
      place.stacks = each.infrastructure->stacks;
    if (each.pipeline && each.pipeline->kind == PipelineKind::codepipeline)
      place.pipeline = each.pipeline->name;
    wiring.places.push_back(std::move(place));
  }
  return wiring;
}

aws::CloudWatchLogsConfig groups_of(const Config& config) {
  aws::CloudWatchLogsConfig groups;
  for (const auto& each : config.environments) {
    if (!each.cloudwatch) continue;
    for (const auto& group : each.cloudwatch->log_groups) {
      groups.groups.push_back({.name = group,
                               .group = group,
                               .environments = {each.environment},
                               .patterns = {.errors = each.cloudwatch->error_patterns,
                                            .critical = each.cloudwatch->critical_patterns,
                                            .allow = each.cloudwatch->allow}});
    }
  }
  return groups;
}

}  // namespace

Result<std::unique_ptr<AwsSide>> AwsSide::make(const Config& config, const Variables& variables,
                                               const Clock& clock, Waiter& waiter) {
  std::unique_ptr<AwsSide> made(new AwsSide(config, variables, clock, waiter));
  if (auto services = made->make_services(); !services)
    return fail(services.error().during("reaching AWS"));
  TRY(made->make_parts(variables));
  return made;
}

AwsSide::AwsSide(const Config& config, const Variables& variables, const Clock& clock,
                 Waiter& waiter)
    : config_(config),
      clock_(clock),
      waiter_(waiter),
      transport_(aws::TransportConfig{.variables = plain(variables)}),
      to_credentials_({.variables = plain(variables), .allow_link_local = true}),
      around_(surroundings(config, variables, to_credentials_, clock)),
      credentials_(around_, clock),
      connection_{.send = [this](const http::Call& call) { return transport_.send(call); },
                  .credentials = credentials_,
                  .region = region_for(config, around_),
                  .clock = clock,
                  .waiter = waiter,
                  .variables = plain(variables)} {}

Result<std::unique_ptr<aws::Service>> AwsSide::service(const aws::Dialect& dialect) {
  return aws::Service::make(dialect, connection_, Random(entropy()));
}

// None of them asks anything yet.
Result<> AwsSide::make_services() {
  dynamodb_ = TRY(service(aws::DynamoDb::dialect));
  s3_service_ = TRY(service(aws::s3_dialect));
  monitoring_ = TRY(service(aws::CloudWatchAlarms::dialect));
  log_service_ = TRY(service(aws::CloudWatchLogs::dialect));
  sns_ = TRY(service(aws::SnsNotifier::dialect));
  sqs_ = TRY(service(aws::WorkQueue::dialect));
  codepipeline_ = TRY(service(aws::CodePipelines::dialect));
  codebuild_ = TRY(service(aws::CodeBuilds::dialect));
  cloudformation_ = TRY(service(aws::InfrastructureByStack::dialect));
  lambda_ = TRY(service(aws::FunctionVersions::dialect));
  events_ = TRY(service(aws::AwsWiring::events_dialect));
  identity_ = TRY(service(aws::AwsWiring::identity_dialect));
  return {};
}

Result<> AwsSide::make_parts(const Variables& variables) {
  if (config_.records.kind == RecordsKind::dynamodb) {
    table_ = std::make_unique<aws::DynamoDb>(*dynamodb_, config_.records.table);
    store_ = std::make_unique<aws::DynamoStore>(
        *table_,
        aws::Manner{.deployments_table = config_.records.deployments, .keep = config_.policy.keep},
        clock_, waiter_, Random(entropy()));
  }
  functions_ = std::make_unique<aws::FunctionVersions>(functions_of(config_), *lambda_);
  builds_ = std::make_unique<aws::CodeBuilds>(*codebuild_, clock_);
  auto places = places_of(config_);
  for (auto& place : places) {
    const auto* environment = config_.find(place.environment);
    if (!environment->application.function.empty())
      place.after_switch = after_switch(function_after_switch(*functions_), "the function's alias");
    if (!environment->application.build_project.empty())
      place.after_switch =
          after_switch(build_after_switch(builds_that_deploy(config_), *builds_), "a build");
  }
  s3_ = std::make_unique<aws::S3>(*s3_service_);
  shelf_ = std::make_unique<aws::S3Shelf>(places_of(config_), *s3_);
  artifacts_ = TRY(aws::S3Artifacts::make(std::move(places), *s3_, clock_, waiter_));
  live_function_ = std::make_unique<aws::LiveFunction>(*functions_, *artifacts_);
  served_ = std::make_unique<aws::S3LiveVersion>(*artifacts_, clock_);
  infrastructure_builds_ =
      std::make_unique<aws::InfrastructureByBuild>(builds_that_revert(config_), *builds_);
  infrastructure_stacks_ = std::make_unique<aws::InfrastructureByStack>(
      stacks_of(config_, connection_.region), *cloudformation_);
  pipelines_ =
      std::make_unique<aws::CodePipelines>(pipelines_of(config_, variables), *codepipeline_);
  alarms_ = std::make_unique<aws::CloudWatchAlarms>(
      *monitoring_,
      aws::CloudWatchAlarmsConfig{.environments = config_.names(), .rules = config_.alarm_rules},
      clock_);
  logs_ = std::make_unique<aws::CloudWatchLogs>(*log_service_, groups_of(config_));
  queue_ = std::make_unique<aws::WorkQueue>(
      *sqs_,
      aws::WorkQueueConfig{.queue = config_.aws.queue, .dead_letters = config_.aws.dead_letters});
  wiring_ = std::make_unique<aws::AwsWiring>(wiring_of(config_),
                                             aws::WiringServices{.events = *events_,
                                                                 .lambda = *lambda_,
                                                                 .logs = *log_service_,
                                                                 .identity = *identity_,
                                                                 .stacks = *cloudformation_,
                                                                 .pipelines = *codepipeline_,
                                                                 .queue = *queue_},
                                             clock_);
  if (!config_.incidents_bucket.empty())
    incidents_ = std::make_unique<aws::S3Incidents>(
        aws::S3IncidentsConfig{.bucket = config_.incidents_bucket,
                               .style = {.service = config_.service}},
        *s3_);
  return {};
}

Elsewhere AwsSide::elsewhere() {
  return {.artifacts = artifacts_.get(),
          .publisher = artifacts_.get(),
          .pipeline = pipelines_.get(),
          .builds = infrastructure_builds_.get(),
          .stacks = infrastructure_stacks_.get(),
          .functions = live_function_.get(),
          .served = served_.get(),
          .alarms = alarms_.get(),
          .logs = logs_.get(),
          .shelf = shelf_.get(),
          .log_reader = logs_.get(),
          .pipeline_view = pipelines_.get(),
          .alarm_history = alarms_.get(),
          .wiring = wiring_.get()};
}

std::unique_ptr<Notifier> AwsSide::channel(const NotifyConfig& notify) {
  if (notify.kind == NotifyKind::sns)
    return std::make_unique<aws::SnsNotifier>(
        *sns_, aws::SnsNotifierConfig{.subscription = subscription_of(notify),
                                      .topic = notify.topic,
                                      .style = {.service = config_.service}});
  aws::MetricsConfig metrics{.name = notify.name, .environments = notify.environments};
  // Lines of a log become metrics only where CloudWatch reads that log.
  if (notify.embedded && around_.variables.contains("AWS_LAMBDA_FUNCTION_NAME"))
    return std::make_unique<aws::MetricsNotifier>(
        std::move(metrics), aws::embedded_metrics(
                                [](std::string_view line) {
                                  fmt::print("{}\n", line);
                                  std::fflush(stdout);  // before the platform freezes us
                                },
                                notify.metric_namespace));
  const auto sent =
      std::make_shared<aws::CloudWatchMetrics>(*monitoring_, clock_, notify.metric_namespace);
  return std::make_unique<aws::MetricsNotifier>(
      std::move(metrics), [sent](std::span<const aws::Datum> data) { return sent->put(data); });
}

std::unique_ptr<Notifier> AwsSide::thaw() {
  const auto freezes = [](const EnvironmentConfig& each) {
    return each.pipeline && !each.pipeline->freeze.empty();
  };
  if (!std::ranges::any_of(config_.environments, freezes)) return nullptr;
  return std::make_unique<Thaw>(*pipelines_);
}

Result<> AwsSide::wake(const Environment& environment, const RollbackId& id, Duration delay) {
  if (config_.aws.queue.empty())
    return fail(Code::not_found, "aws.queue names no queue to go on by");
  return queue_->send(environment, id, delay, R"({"rollback":")" + id.text + R"("})");
}

}  // namespace stepback
