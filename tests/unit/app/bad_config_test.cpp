// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>

#include "config_text.hpp"

namespace stepback {
namespace {

// One thing in the good configuration put in place of another (or added at its end), and all that
// is said of it.
struct Bad {
  const char* name;
  std::string what;
  std::string instead;
  std::string said;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.name; }

class BadConfig : public testing::TestWithParam<Bad> {};

TEST_P(BadConfig, IsRefusedWithItsPlaceAndWhatIsAllowed) {
  const auto& bad = GetParam();
  const std::string text =
      bad.what.empty() ? good_config + bad.instead : with(good_config, bad.what, bad.instead);
  EXPECT_EQ(refusal_of(text, {{"BELL", "\a"}}), bad.said);
}

INSTANTIATE_TEST_SUITE_P(
    Shape, BadConfig,
    testing::Values(
        Bad{"unknown_key", "environments:", "enviroments:",
            "stepback.yaml:1:1: \"environments\" is missing\n"
            "stepback.yaml:3:1: unknown key \"enviroments\"; allowed: alarmRules, aws, "
            "contacts, defaults, environments, gates, incidents, notify, policy, records, "
            "review, server, service, source, stages, state, version; did you mean "
            "\"environments\"?"},
        Bad{"unknown_key_within", "protected", "protcted",
            "stepback.yaml:6:5: unknown key \"protcted\"; allowed: alarms, application, "
            "cloudwatch, health, "
            "infrastructure, logs, name, pipeline, protected, secondPerson, version; did you mean "
            "\"protected\"?"},
        Bad{"unknown_key_of_a_kind", "afterSwitch:", "aftrSwitch:",
            "stepback.yaml:12:5: unknown key \"aftrSwitch\"; allowed: afterSwitch, current, kind, "
            "releases, timeout; did you mean \"afterSwitch\"?"},
        Bad{"unknown_kind", "kind: symlink", "kind: simlink",
            "stepback.yaml:9:11: \"simlink\" is not known here; allowed: symlink, s3; did you mean "
            "\"symlink\"?"},
        Bad{"missing_key_of_a_kind", "    releases: /srv/{environment}/releases\n", "",
            "stepback.yaml:9:5: \"releases\" is missing"},
        Bad{"wrong_format", "version: 1", "version: 2",
            "stepback.yaml:1:10: expected 1, the version of this format, not 2"},
        Bad{"text_instead_of_a_list", "[systemctl, reload, \"shop-{environment}\"]", "reload shop",
            "stepback.yaml:12:18: expected a command as a list of its program and arguments, as in "
            "[systemctl, reload, shop]; no shell reads it, not \"reload shop\""},
        Bad{"number_in_a_command", "reload,", "15,",
            "stepback.yaml:12:30: expected a text, not 15"},
        Bad{"empty_command", "[systemctl, reload, \"shop-{environment}\"]", "[]",
            "stepback.yaml:12:18: a list of 0; allowed: 1 to 64"},
        Bad{"nothing", "protected: true", "protected:",
            "stepback.yaml:6:5: expected whether people must type its name to roll it back: true "
            "or "
            "false, not nothing"},
        Bad{"yes_is_text", "protected: true", "protected: yes",
            "stepback.yaml:6:16: expected whether people must type its name to roll it back: true "
            "or false, not \"yes\""},
        Bad{"status_out_of_range", "health\" }", "health\", expectStatus: 2000 }",
            "stepback.yaml:14:86: expected an HTTP status from 100 to 599, or a list of them, not "
            "2000"},
        Bad{"status_in_a_list", "health\" }", "health\", expectStatus: [200, ok] }",
            "stepback.yaml:14:92: expected an HTTP status from 100 to 599, not \"ok\""},
        Bad{"capital_letters", "name: test", "name: Test",
            "stepback.yaml:4:11: expected the name of an environment: a small letter, then up to "
            "31 "
            "small letters, digits and dashes, not \"Test\""},
        Bad{"no_environments", "  - name: test\n  - name: production\n    protected: true\n",
            "  []\n", "stepback.yaml:4:3: a list of 0; allowed: 1 to 2000"},
        Bad{"unknown_policy", "", "policy: { bugdet: 5m }\n",
            "stepback.yaml:15:11: unknown key \"bugdet\"; allowed: actWhenUnknown, "
            "actWhenUnlikely, "
            "alarmGrace, applicationLimit, attempts, automatic, bake, brakeCount, brakeWindow, "
            "budget, claimLimit, deployLimit, fullAfterStage, handOverReserve, holdUntilReleased, "
            "infrastructureLimit, keep, keepGood, leaseMargin, lookBack, lookEvery, maxEventAge, "
            "pollEvery, quiet, refuseOneWay, retryPause, settle, stopLimit; did you mean "
            "\"budget\"?"},
        Bad{"bare_number", "", "policy: { budget: 15 }\n",
            "stepback.yaml:15:19: expected a duration: a whole number and a unit (ms, s, m, h or "
            "d), as in 60s, 15m or 90d, not 15"},
        Bad{"wrong_unit", "", "policy: { budget: 15min }\n",
            "stepback.yaml:15:19: expected a duration: a whole number and a unit (ms, s, m, h or "
            "d), as in 60s, 15m or 90d, not \"15min\""},
        Bad{"endless", "", "policy: { keep: 99999999999999d }\n",
            "stepback.yaml:15:17: \"99999999999999d\" is longer than any wait here"},
        Bad{"unknown_event", "", "notify: [ { kind: file, path: x, events: [rollback_startd] } ]\n",
            "stepback.yaml:15:43: \"rollback_startd\" is not known here; allowed: "
            "rollback_started, "
            "rollback_completed, rollback_validation_failed, rollback_failed, rollback_escalated, "
            "rollback_cancelled, budget_at_risk, release_held, trigger_notified, brake_engaged, "
            "orphan_closed, approval_wanted, door_closes, emergency_declared, readiness_lost, "
            "drill_due, run_ended, "
            "deployment_ended, handed_back, channel_test; did you mean "
            "\"rollback_started\"?"},
        Bad{"literal_secret", "", "server: { ingest: { token: hunter2 } }\n",
            "stepback.yaml:15:28: expected where a secret is found, never the secret itself: "
            "env:NAME or file:/path"},
        Bad{"hook_without_a_time", "", "server: { ingest: { hooks: { x: { name: a } } } }\n",
            "stepback.yaml:15:33: \"at\" is missing"},
        Bad{"hook_with_a_capital", "", "server: { ingest: { hooks: { X: { name: a, at: b } } } }\n",
            "stepback.yaml:15:33: \"X\" is no name of a hook: a small letter, then up to 31 small "
            "letters, digits and dashes"},
        Bad{"hook_that_never_fires", "",
            "server: { ingest: { hooks: { x: { name: a, at: b, state: c } } } }\n",
            "stepback.yaml:15:58: firing does not say which of its texts mean ALARM"},
        Bad{"no_topic", "", "server: { ingest: { topics: [alarms] } }\n",
            "stepback.yaml:15:30: expected a topic, as in "
            "arn:aws:sns:eu-west-1:111122223333:alarms, not \"alarms\""},
        Bad{"home_folder", "/srv/{environment}/releases", "~/releases",
            "stepback.yaml:10:15: expected a path: absolute, or beginning at the folder of this "
            "file (~ is not read), not \"~/releases\""}),
    testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(
    Yaml, BadConfig,
    testing::Values(
        Bad{"duplicate_key", "service: shop\n", "service: shop\nservice: shop\n",
            "stepback.yaml:3:1: the key \"service\" is there twice; first at stepback.yaml:2:1"},
        Bad{"unset_variable", "name: home", "name: \"${SHOP}\"",
            "stepback.yaml:14:15: the variable SHOP is not set"},
        Bad{"broken_variable", "name: home", "name: \"${HOME\"",
            "stepback.yaml:14:15: ${ begins the name of a variable, as in ${HOST}; write $${ for "
            "the characters themselves"},
        Bad{"variable_with_a_bell", "name: home", "name: \"x${BELL}\"",
            "stepback.yaml:14:15: the variable BELL holds no text"},
        Bad{"anchor", "name: test", "name: &x test",
            "stepback.yaml:4:11: anchors are not read here: write it out, or put it into defaults"},
        Bad{"alias", "name: production", "name: *x",
            "stepback.yaml:5:11: not valid YAML: the referenced anchor is not defined"},
        Bad{"tag", "name: test", "name: !!str test",
            "stepback.yaml:4:11: tags are not read here: the type follows from how it is written"},
        Bad{"tab", "  - name: test", "\t- name: test",
            "stepback.yaml:4:2: a tab in the indentation: YAML counts spaces only"},
        Bad{"second_document", "", "---\nversion: 1\n",
            "stepback.yaml:15:1: a second document begins here"},
        Bad{"list_as_key", "service: shop", "[a, b]: shop",
            "stepback.yaml:2:1: a key is a text, not a list or a map"},
        Bad{"unclosed", "shop-{environment}\"]", "shop-{environment}\"",
            "stepback.yaml:13:3: not valid YAML: end of sequence flow not found"},
        Bad{"control_character", "name: home", "name: \"a\\x07b\"",
            "stepback.yaml:14:15: a text with a control character in it"}),
    testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(
    Meaning, BadConfig,
    testing::Values(
        Bad{"duplicate_environment", "name: production", "name: test",
            "stepback.yaml:5:11: the environment test is there twice"},
        Bad{"prefix_of_another", "name: test", "name: production-eu",
            "stepback.yaml:5:11: production-eu and production cannot stand side by side: a name of "
            "the one could be read as one of the other"},
        Bad{"shared_current",
            "/srv/{environment}/releases\n    current: /srv/{environment}/current",
            "/srv/releases\n    current: /srv/current",
            "stepback.yaml:9:5: test and production would share /srv: put {environment} into "
            "releases and current"},
        Bad{"link_elsewhere", "current: /srv/{environment}/current", "current: /opt/current",
            "stepback.yaml:9:5: test and production would share /opt: put {environment} into "
            "releases and current\n"
            "stepback.yaml:11:14: /opt/current is not beside /srv/production/releases: the link "
            "and "
            "the versions lie in one folder\n"
            "stepback.yaml:11:14: /opt/current is not beside /srv/test/releases: the link and the "
            "versions lie in one folder"},
        Bad{"misspelt_slot", "reload, \"shop-{environment}\"", "reload, \"shop-{enviroment}\"",
            "stepback.yaml:12:18: \"{enviroment}\" stands for nothing; did you mean "
            "\"{environment}\"?"},
        Bad{"nothing_to_validate",
            "  health:\n    - { name: home, url: \"http://127.0.0.1:8080/{environment}/health\" "
            "}\n",
            "",
            "stepback.yaml:4:5: nothing tells whether test is well: give it health, version or "
            "alarms\n"
            "stepback.yaml:5:5: nothing tells whether production is well: give it health, version "
            "or alarms"},
        Bad{"budget_used_up", "", "policy: { budget: 70s }\n",
            "stepback.yaml:15:19: a budget of 1m10s is used up by waiting: settle 1m or quiet 1m, "
            "and handOverReserve 10s"},
        Bad{"timeout_over_its_limit", "kind: symlink", "kind: symlink\n    timeout: 2m",
            "stepback.yaml:10:14: 2m is longer than policy.applicationLimit, 1m"},
        Bad{"more_required_than_attempts", "health\" }", "health\", attempts: 2, required: 3 }",
            "stepback.yaml:14:95: 3 of 2 attempts cannot be well"},
        Bad{"same_probe_twice", "", "    - { name: home, url: \"http://10.0.0.7/\" }\n",
            "stepback.yaml:15:15: \"home\" is there twice: each has a name of its own"},
        Bad{"no_pointer", "health\" }", "health\", json: { status: up } }",
            "stepback.yaml:14:78: \"status\" is no JSON pointer; did you mean \"/status\"?"},
        Bad{"version_by_two_ways", "",
            "  version: { url: \"http://10.0.0.7/{environment}\", command: [cat, "
            "\"/srv/{environment}/v\"] }\n",
            "stepback.yaml:15:12: the version is asked by url or by command: one of the two"},
        Bad{"one_version_for_two", "", "  version: { url: \"http://10.0.0.7/version\" }\n",
            "stepback.yaml:15:12: test and production are asked for their version in the same way: "
            "put {environment} into it"},
        Bad{"alarm_of_nobody", "",
            "  alarms: [ { name: \"shop-{environment}-x\", url: \"http://10.0.0.7/\" } ]\n",
            "stepback.yaml:15:21: no rule says what the alarm shop-production-x is for: its name "
            "begins like kiro-pipeline-{environment}-rollbacks\n"
            "stepback.yaml:15:21: no rule says what the alarm shop-test-x is for: its name begins "
            "like kiro-pipeline-{environment}-rollbacks"},
        Bad{"alarm_that_is_no_file_name", "protected: true",
            "alarms: [ { name: kiro-worker-production-a/b, url: \"http://10.0.0.7/\" } ]",
            "stepback.yaml:6:23: \"kiro-worker-production-a/b\" is no name of an alarm: up to 128 "
            "letters, digits, dots, dashes and underscores"},
        Bad{"alarm_of_another", "",
            "  alarms: [ { name: kiro-worker-test-x, url: \"http://10.0.0.7/\" } ]\n",
            "stepback.yaml:15:11: test and production share the alarm kiro-worker-test-x: put "
            "{environment} into its name\n"
            "stepback.yaml:15:21: by its name the alarm kiro-worker-test-x belongs to test, not to "
            "production"},
        Bad{"alarm_longer_than_the_budget", "protected: true",
            "alarms: [ { name: kiro-worker-production-x, url: \"http://10.0.0.7/\", period: 5m, "
            "evaluationPeriods: 3 } ]",
            "stepback.yaml:6:23: the alarm kiro-worker-production-x looks back 15m and cannot be "
            "OK "
            "again within the budget, 15m"},
        Bad{"half_a_threshold", "protected: true",
            "alarms: [ { name: kiro-worker-production-x, url: \"http://10.0.0.7/\", threshold: 1 } "
            "]",
            "stepback.yaml:6:15: pointer and threshold go together: where the number is, and what "
            "it is held against"},
        Bad{"rule_without_environment", "",
            "alarmRules: { rules: [ { pattern: shop-*-x, roles: [trigger] } ] }\n",
            "stepback.yaml:15:35: \"shop-*-x\" does not say where {environment} stands: an alarm "
            "belongs to one\n"
            "stepback.yaml:15:35: \"shop-*-x\": a * stands at the end only"},
        Bad{"reachable_by_others", "",
            "server: { listen: \"0.0.0.0:8431\", ingest: { token: env:X } }\n",
            "stepback.yaml:15:19: \"0.0.0.0:8431\" can be reached from other machines; say "
            "allowRemote: true if that is meant"},
        Bad{"reachable_without_a_token", "",
            "server: { listen: \"10.0.0.1:8431\", allowRemote: true }\n",
            "stepback.yaml:15:19: what other machines can reach needs ingest.token or ingest.hmac"},
        Bad{"port_too_high", "", "server: { listen: \"127.0.0.1:99999\" }\n",
            "stepback.yaml:15:19: \"127.0.0.1:99999\": not an address and a port, as in "
            "127.0.0.1:8431 or [::1]:8431"},
        Bad{"unknown_environment", "",
            "notify: [ { kind: file, path: x, environments: [prodution] } ]\n",
            "stepback.yaml:15:49: there is no environment \"prodution\"; allowed: test, "
            "production; "
            "did you mean \"production\"?"},
        Bad{"channels_of_one_name", "",
            "notify: [ { kind: file, path: x }, { kind: file, path: y } ]\n",
            "stepback.yaml:15:36: \"file\" is there twice: each has a name of its own"}),
    testing::PrintToStringParamName());

TEST(BadConfig, WithoutAnApplicationNamesTheEnvironments) {
  const auto begin = good_config.find("  application:");
  std::string text = good_config;
  text.erase(begin, good_config.find("  health:") - begin);
  EXPECT_EQ(refusal_of(text),
            "stepback.yaml:4:5: test has no application: give it one, or put one into defaults\n"
            "stepback.yaml:5:5: production has no application: give it one, or put one into "
            "defaults");
}

}  // namespace
}  // namespace stepback
