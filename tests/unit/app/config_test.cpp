// SPDX-License-Identifier: Apache-2.0
#include "app/config.hpp"

#include "app/schema.hpp"
#include "config_text.hpp"

namespace stepback {
namespace {

Config parsed(const std::string& text, const Variables& variables = {}) {
  auto config = parse_text(text, variables);
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config ? *std::move(config) : Config{.environments = {{}, {}}};
}

TEST(Config, FillsEveryDefaultIn) {
  const Config config = parsed(good_config);
  EXPECT_EQ(config.service, "shop");
  EXPECT_EQ(config.state, "/var/lib/stepback");
  EXPECT_EQ(config.records.path, "/var/lib/stepback/stepback.db");
  EXPECT_EQ(config.incidents, "/var/lib/stepback/incidents");
  EXPECT_EQ(config.policy, Policy{});
  EXPECT_EQ(config.server, ServerConfig{.tokens = config.state + "/tokens.json"});
  EXPECT_EQ(config.server.host + ":" + std::to_string(config.server.port), "127.0.0.1:8431");
  EXPECT_EQ(config.alarm_rules, default_alarm_rules("kiro"));
  EXPECT_EQ(config.environments[0].application.timeout, ApplicationConfig{}.timeout);
}

TEST(Config, KnowsEveryKindOfNoticeByItsName) {
  for (const auto name : names_of<NoticeKind>) {
    const auto notify = parsed(good_config + "notify: [{ kind: file, path: x, events: [" +
                               std::string(name) + "] }]\n")
                            .notify;
    ASSERT_EQ(notify.size(), 1U) << name;
    EXPECT_EQ(notify[0].events, std::vector{*named<NoticeKind>(name)});
  }
}

TEST(Config, RefusesADayThatIsNone) {
  EXPECT_NE(
      refusal_of(good_config + "review: { owner: x, date: \"2026-02-31\" }\n").find("2026-02-31"),
      std::string::npos);
}

TEST(Config, ReadsInWhichFormatAServiceIsTold) {
  const std::string hook = "notify: [{ kind: webhook, url: \"https://hooks.example/\", format: ";
  const Variables variables{{"KEY", "s3cret"}};
  const auto notify =
      parsed(good_config + hook + "slack, token: \"env:KEY\" }]\n", variables).notify;
  EXPECT_EQ(notify.at(0).format, NoticeFormat::slack);
  EXPECT_EQ(refusal_of(good_config + hook + "pagerduty }]\n"),
            "stepback.yaml:15:66: pagerduty wants its routing key: add token");
  EXPECT_EQ(refusal_of(good_config + hook + "github }]\n"),
            "stepback.yaml:15:66: github wants to know who asks: add token");
  EXPECT_NE(refusal_of(good_config + hook + "teams }]\n"), "accepted");
}

TEST(Config, ReadsTheRulesOfTheGates) {
  EXPECT_EQ(parsed(good_config).gates, GateRules{});
  const auto gates = parsed(good_config + R"(gates:
  coverage: 79.99
  branches: true
  from: critical
  allow:
    - { id: CVE-2030-0001, owner: alice, reason: not reachable, until: 2030-03-01 }
    - { id: E3039, owner: bob, reason: a false alarm, until: "2030-03-01T12:00:00+01:00" }
)")
                         .gates;
  EXPECT_EQ(gates.coverage_basis_points, 7'999);
  EXPECT_TRUE(gates.by_branches);
  EXPECT_EQ(gates.counts_from, Rating::critical);
  ASSERT_EQ(gates.allowed.size(), 2U);
  EXPECT_EQ(gates.allowed[0].owner, "alice");
  EXPECT_EQ(to_rfc3339_seconds(gates.allowed[0].until), "2030-03-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339_seconds(gates.allowed[1].until), "2030-03-01T11:00:00Z");
}

TEST(Config, RefusesAnAllowanceWithoutAnOwnerAReasonOrAnEnd) {
  for (const auto* const entry :
       {"{ id: X, owner: alice, reason: r }", "{ id: X, owner: alice, until: 2030-03-01 }",
        "{ id: X, reason: r, until: 2030-03-01 }",
        "{ id: X, owner: alice, reason: r, until: 2030-02-31 }",
        "{ id: X, owner: alice, reason: r, until: soon }"}) {
    EXPECT_FALSE(parse_text(good_config + "gates: { allow: [" + entry + "] }\n")) << entry;
  }
  EXPECT_FALSE(parse_text(good_config + "gates: { coverage: 79.999 }\n"));
}

constexpr std::string_view on_aws = R"(version: 1
service: kiro-worker
aws: { region: us-east-1, queue: "kiro-pipeline-{environment}-rollback-work" }
records:
  kind: dynamodb
  table: kiro-pipeline-stepback
  deployments: "kiro-pipeline-{environment}-deployments"
environments: [{ name: test }, { name: production }]
defaults:
  application:
    kind: s3
    artifacts: "kiro-pipeline-{environment}-artifacts"
    live: "kiro-worker-{environment}-artifacts"
    function: "kiro-worker-{environment}-poller"
  pipeline: { kind: codepipeline, name: "kiro-pipeline-{environment}", freeze: Deploy }
  infrastructure: { kind: codebuild, project: "kiro-pipeline-{environment}-infrastructure" }
  cloudwatch: { logGroups: ["/aws/lambda/kiro-worker-{environment}-poller"] }
notify:
  - { kind: sns, topic: "arn:aws:sns:us-east-1:123456789012:kiro-pipeline-{environment}-rollbacks" }
  - { kind: metrics, embedded: true }
incidents: { bucket: "kiro-pipeline-{environment}-artifacts" }
)";

TEST(Config, ReadsTheRunbooksAccount) {
  const Config config = parsed(std::string(on_aws));
  EXPECT_TRUE(config.uses_aws());
  EXPECT_EQ(config.records.kind, RecordsKind::dynamodb);
  EXPECT_EQ(config.records.deployments, "kiro-pipeline-{environment}-deployments");
  const auto& production = config.environments[1];
  EXPECT_EQ(production.application.kind, ApplicationKind::s3);
  EXPECT_EQ(production.application.live, "kiro-worker-production-artifacts");
  EXPECT_EQ(production.application.function, "kiro-worker-production-poller");
  ASSERT_TRUE(production.pipeline && production.infrastructure && production.cloudwatch);
  EXPECT_EQ(production.pipeline->kind, PipelineKind::codepipeline);
  EXPECT_EQ(production.pipeline->name, "kiro-pipeline-production");
  EXPECT_EQ(production.infrastructure->project, "kiro-pipeline-production-infrastructure");
  EXPECT_EQ(production.cloudwatch->log_groups,
            std::vector<std::string>{"/aws/lambda/kiro-worker-production-poller"});
  ASSERT_EQ(config.notify.size(), 2U);
  EXPECT_EQ(config.notify[0].kind, NotifyKind::sns);
  EXPECT_TRUE(config.notify[1].embedded);
  bool said = false;
  for (const auto& setting : describe(config))
    said = said || (setting.path == "environments.production.application.live" &&
                    setting.value == "kiro-worker-production-artifacts");
  EXPECT_TRUE(said);
}

TEST(Config, LooksForNothingOfAwsWhereNothingIsThere) {
  EXPECT_FALSE(parsed(good_config).uses_aws());
}

TEST(Config, SharesNoBucketBetweenEnvironments) {
  const auto text = with(std::string(on_aws), "kiro-worker-{environment}-artifacts", "live");
  EXPECT_NE(refusal_of(text).find("would share the bucket live"), std::string::npos)
      << refusal_of(text);
}

TEST(Config, WantsATableForPeopleInEachEnvironment) {
  const auto text = with(std::string(on_aws), "kiro-pipeline-{environment}-deployments", "all");
  EXPECT_NE(refusal_of(text).find("put {environment} into its name"), std::string::npos)
      << refusal_of(text);
}

TEST(Config, LeavesOneThingToFollowTheSwitch) {
  const auto text = with(std::string(on_aws), "    function:", "    build: p\n    function:");
  EXPECT_NE(refusal_of(text).find("one of the two"), std::string::npos) << refusal_of(text);
}

TEST(Config, KeepsThePromotionOrder) {
  EXPECT_EQ(parsed(good_config).names(), (Environments{{"test"}, {"production"}}));
}

TEST(Config, GivesEachEnvironmentTheDefaultsWithItsNameFilledIn) {
  const Config config = parsed(good_config);
  const auto* production = config.find({"production"});
  ASSERT_NE(production, nullptr);
  EXPECT_TRUE(production->is_protected);
  EXPECT_FALSE(config.environments[0].is_protected);
  EXPECT_EQ(production->application.root, "/srv/production");
  EXPECT_EQ(production->application.after_switch,
            (Arguments{"systemctl", "reload", "shop-production"}));
  ASSERT_EQ(production->health.size(), 1U);
  EXPECT_EQ(production->health[0].url, "http://127.0.0.1:8080/production/health");
}

TEST(Config, LetsAnEnvironmentReplaceAWholeSection) {
  const Config config =
      parsed(with(good_config, "    protected: true\n",
                  "    health:\n"
                  "      - { name: api, url: http://10.0.0.7/ok, attempts: 5 }\n"));
  ASSERT_EQ(config.environments[1].health.size(), 1U);
  EXPECT_EQ(config.environments[1].health[0].name, "api");
  EXPECT_EQ(config.environments[1].health[0].required, 5);
  EXPECT_EQ(config.environments[0].health.at(0).name, "home");
}

TEST(Config, ReadsEverySectionOfAnEnvironment) {
  const Config config = parsed(good_config + R"(
  infrastructure:
    kind: command
    repository: infrastructure
    install: [npm, ci]
    run: [npx, cdk, deploy, --context, "environment={environment}"]
    timeout: 3m
  pipeline: { kind: command, stop: [./stop-pipeline, "{environment}"], timeout: 20s }
  version: { url: "http://127.0.0.1:8080/{environment}/version", pointer: /v, digestPointer: /d }
  alarms:
    - name: "kiro-worker-{environment}-errors"
      url: http://127.0.0.1:8080/metrics.json
      pointer: /errors
      threshold: 2.5
      comparison: greaterOrEqual
      period: 30s
      evaluationPeriods: 3
      datapointsToAlarm: 2
      treatMissingData: breaching
  logs:
    - { path: "log/{environment}.log", errorPatterns: [ERROR, Exception], allow: [retrying] }
)");
  const auto& test = config.environments[0];
  ASSERT_TRUE(test.infrastructure && test.pipeline && test.version);
  EXPECT_EQ(test.infrastructure->repository, "/etc/shop/infrastructure");
  EXPECT_EQ(test.infrastructure->run.back(), "environment=test");
  EXPECT_EQ(test.infrastructure->timeout, minutes(3));
  EXPECT_EQ(test.pipeline->stop, (Arguments{"./stop-pipeline", "test"}));
  EXPECT_EQ(test.version->digest_pointer, "/d");
  ASSERT_EQ(test.alarms.size(), 1U);
  EXPECT_EQ(test.alarms[0].name, "kiro-worker-test-errors");
  EXPECT_EQ(test.alarms[0].threshold,
            (AlarmThreshold{"/errors", 2.5, Comparison::greater_or_equal}));
  EXPECT_EQ(test.alarms[0].datapoints_to_alarm, 2);
  EXPECT_EQ(test.alarms[0].missing, MissingData::breaching);
  ASSERT_EQ(test.logs.size(), 1U);
  EXPECT_EQ(test.logs[0].path, "/etc/shop/log/test.log");
  EXPECT_EQ(test.logs[0].name, "test.log");
  EXPECT_EQ(test.logs[0].allow, std::vector<std::string>{"retrying"});
}

TEST(Config, ReadsEveryHealthSetting) {
  const Config config = parsed(with(good_config, "health\" }",
                                    "health\", expectStatus: [200, 204], attempts: 5, required: 4, "
                                    "timeout: 2s, maxLatency: 300ms, bodyContains: up, "
                                    "json: { /status: ok, /db/up: true, /lag: 0 } }"));
  ASSERT_EQ(config.environments[0].health.size(), 1U);
  const auto& health = config.environments[0].health[0];
  EXPECT_EQ(health.statuses, (std::vector<int>{200, 204}));
  EXPECT_EQ(health.required, 4);
  EXPECT_EQ(health.timeout, seconds(2));
  EXPECT_EQ(health.max_latency, Duration(300));
  EXPECT_EQ(health.body_contains, "up");
  ASSERT_EQ(health.fields.size(), 3U);
  EXPECT_EQ(health.fields[1], (AnswerField{"/db/up", json::Value(true)}));
}

TEST(Config, ReadsTheSettingsOfTheWholeService) {
  const Config config = parsed(good_config + R"(
state: state
records: { path: data/shop.db }
server: { listen: "[::1]:0", ingest: { token: env:INGEST_TOKEN } }
source: { account: "111122223333", region: eu-west-1 }
policy: { budget: 10m, settle: 5s, automatic: false, attempts: 2 }
alarmRules:
  prefix: shop
  rules:
    - { pattern: "shop-{environment}-*", roles: [trigger, validate] }
incidents: { directory: incidents }
contacts:
  - { name: on call, reach: "+41 44 000 00 00" }
review: { owner: platform team, date: "2026-01-27" }
)");
  EXPECT_EQ(config.state, "/etc/shop/state");
  EXPECT_EQ(config.records.path, "/etc/shop/data/shop.db");
  EXPECT_EQ(config.server.host, "::1");
  EXPECT_EQ(config.server.ingest.token,
            (SecretReference{SecretReference::From::variable, "INGEST_TOKEN"}));
  EXPECT_EQ(config.account, "111122223333");
  EXPECT_EQ(config.policy.budget, minutes(10));
  EXPECT_FALSE(config.policy.automatic);
  EXPECT_EQ(config.policy.quiet, Policy{}.quiet);
  ASSERT_EQ(config.alarm_rules.size(), 1U);
  EXPECT_TRUE(config.alarm_rules[0].roles.validate);
  EXPECT_FALSE(config.alarm_rules[0].roles.brake);
  EXPECT_EQ(config.incidents, "/etc/shop/incidents");
  ASSERT_EQ(config.contacts.size(), 1U);
  EXPECT_EQ(config.contacts[0], (Contact{"on call", "+41 44 000 00 00"}));
  EXPECT_EQ(config.owner, "platform team");
  EXPECT_EQ(config.reviewed, parse_rfc3339("2026-01-27T00:00:00Z").value());
}

TEST(Config, ReadsByWhatTheServerIsKnownAndWhoMayUseIt) {
  const Config config = parsed(good_config + R"(
server:
  hosts: [shop.example, "[::1]"]
  tokens: tokens.json
  tls: { certificate: server.pem, key: /etc/keys/server.key }
  readinessEvery: 2m
)");
  EXPECT_EQ(config.server.hosts, (std::vector<std::string>{"shop.example", "[::1]"}));
  EXPECT_EQ(config.server.tokens, "/etc/shop/tokens.json");
  EXPECT_EQ(config.server.certificate, "/etc/shop/server.pem");
  EXPECT_EQ(config.server.key, "/etc/keys/server.key");
  EXPECT_EQ(config.server.look_every, minutes(2));
}

TEST(Config, WantsACertificateAndItsKeyAndNamesWithoutAPath) {
  for (const std::string wrong : {"{ tls: { certificate: a.pem } }", "{ tls: { key: a.key } }",
                                  "{ hosts: [\"a/b\"] }", "{ readinessEvery: often }"}) {
    EXPECT_FALSE(parse_text(good_config + "\nserver: " + wrong + "\n", {})) << wrong;
  }
}

TEST(Config, ReadsWhoMaySendEventsAndHowTheyAreRead) {
  const Config config = parsed(good_config + R"(
server:
  ingest:
    hmac: [env:NEW, file:old]
    topics: ["arn:aws:sns:eu-west-1:111122223333:alarms"]
    hooks:
      checkly:
        name: check.title
        at: event.epoch
        state: event.status
        firing: [down]
        resolved: [up]
)");
  const auto& ingest = config.server.ingest;
  EXPECT_EQ(ingest.token, std::nullopt);
  ASSERT_EQ(ingest.secrets.size(), 2U);
  EXPECT_EQ(ingest.secrets[1], (SecretReference{SecretReference::From::file, "/etc/shop/old"}));
  EXPECT_EQ(ingest.topics, Arguments{"arn:aws:sns:eu-west-1:111122223333:alarms"});
  ASSERT_TRUE(ingest.hooks.contains("checkly"));
  const auto& hook = ingest.hooks.at("checkly");
  EXPECT_EQ(hook.name, "check.title");
  EXPECT_EQ(hook.at, "event.epoch");
  EXPECT_EQ(hook.environment, "");
  EXPECT_EQ(hook.firing, Arguments{"down"});
  EXPECT_EQ(hook.resolved, Arguments{"up"});
}

TEST(Config, ReadsWhoIsToldOfWhat) {
  const Config config = parsed(good_config + R"(
notify:
  - { kind: file, path: notices.jsonl }
  - kind: webhook
    url: https://hooks.example.com/x
    token: file:token
    events: [rollback_started]
  - { kind: command, run: [notify-send], environments: [production], name: desk }
)");
  ASSERT_EQ(config.notify.size(), 3U);
  EXPECT_EQ(config.notify[0].name, "file");
  EXPECT_EQ(config.notify[0].path, "/etc/shop/notices.jsonl");
  EXPECT_EQ(config.notify[1].kind, NotifyKind::webhook);
  EXPECT_EQ(config.notify[1].token,
            (SecretReference{SecretReference::From::file, "/etc/shop/token"}));
  EXPECT_EQ(config.notify[1].events, std::vector<NoticeKind>{NoticeKind::rollback_started});
  EXPECT_EQ(config.notify[2].name, "desk");
  EXPECT_EQ(config.notify[2].environments, (Environments{{"production"}}));
}

TEST(Config, HoldsATimeoutWithinItsStepsLimitUnlessOneIsWritten) {
  const Config config = parsed(good_config + "policy: { applicationLimit: 10s }\n");
  EXPECT_EQ(config.environments[0].application.timeout, seconds(10));
}

TEST(ConfigVariables, AreFilledIntoTextsAndStayTexts) {
  const Variables variables{{"HOST", "10.0.0.7"}, {"NAME", "true"}};
  std::string text = with(good_config, "127.0.0.1", "${HOST}");
  text = with(text, "name: home", "name: \"${NAME}\"");
  const Config config = parsed(text, variables);
  EXPECT_EQ(config.environments[0].health.at(0).url, "http://10.0.0.7:8080/test/health");
  EXPECT_EQ(config.environments[0].health.at(0).name, "true");
}

TEST(ConfigVariables, AreNotLookedForInWhatTheyHold) {
  const Config config = parsed(with(good_config, "name: home", "name: \"${A} $${B} $C\""),
                               {{"A", "${B}"}, {"B", "never"}});
  EXPECT_EQ(config.environments[0].health.at(0).name, "${B} ${B} $C");
}

TEST(Yaml, IsReadByTheRulesOfVersionOneTwo) {
  const Config config =
      parsed(with(good_config, "[systemctl, reload, \"shop-{environment}\"]",
                  "[no, on, 0777, 1_000, 0x1F, 12e, .5.5, yes, ~/x, 2001-01-01]"));
  EXPECT_EQ(
      config.environments[0].application.after_switch,
      (Arguments{"no", "on", "0777", "1_000", "0x1F", "12e", ".5.5", "yes", "~/x", "2001-01-01"}));
}

TEST(Describe, SaysTheValueOfEachSettingAndItsOrigin) {
  const auto settings = describe(parsed(good_config + "policy: { budget: 10m }\n"));
  const auto setting = [&](std::string_view path) {
    for (const auto& one : settings) {
      if (one.path == path) return one.value + " | " + one.origin;
    }
    return std::string("none");
  };
  EXPECT_EQ(setting("service"), "shop | stepback.yaml:2:10");
  EXPECT_EQ(setting("environments.production.protected"), "true | stepback.yaml:6:16");
  EXPECT_EQ(setting("environments.test.protected"), "false | default");
  EXPECT_EQ(setting("environments.test.application.releases"),
            "/srv/test/releases | stepback.yaml:10:15");
  EXPECT_EQ(setting("environments.test.health.0.url"),
            "http://127.0.0.1:8080/test/health | stepback.yaml:14:26");
  EXPECT_EQ(setting("environments.test.health.0.attempts"), "3 | default");
  EXPECT_EQ(setting("policy.budget"), "10m | stepback.yaml:15:19");
  EXPECT_EQ(setting("policy.settle"), "1m | default");
  EXPECT_EQ(setting("server.listen"), "127.0.0.1:8431 | default");
}

TEST(Describe, NeverShowsWhatMayBeASecret) {
  const std::string text = good_config + R"(
server: { ingest: { token: env:TOKEN, hmac: [env:KEY, file:/k] } }
notify:
  - { kind: webhook, url: "https://hooks.example.com/services/hunter2", token: file:/t }
  - { kind: command, run: [notify, "--key=${KEY}"] }
)";
  const Config config = parsed(with(text, "/{environment}/health\"", "/health?key=hunter2\""),
                               {{"TOKEN", "hunter2"}, {"KEY", "hunter2"}});
  std::string all;
  for (const auto& setting : describe(config)) all += setting.path + "=" + setting.value + "\n";
  EXPECT_FALSE(all.contains("hunter2")) << all;
  EXPECT_TRUE(all.contains("server.ingest.token=env:TOKEN\n"));
  EXPECT_TRUE(all.contains("notify.0.url=https://hooks.example.com/***\n"));
  EXPECT_TRUE(all.contains("--key=${KEY}"));
}

TEST(Schema, IsCompiledInAndHasNoDefaultsOfItsOwn) {
  ASSERT_TRUE(json::parse(config_schema()));
  EXPECT_TRUE(config_schema().contains("draft-07"));
  EXPECT_FALSE(config_schema().contains("\"default\""));
}

}  // namespace
}  // namespace stepback
