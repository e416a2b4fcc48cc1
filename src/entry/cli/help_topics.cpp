// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/help_topics.hpp"

#include <array>

namespace stepback::cli {
namespace {

struct Topic {
  std::string_view name;
  std::string_view text;
};

constexpr std::string_view concepts = R"(Concepts

  environment  where a version runs: test, staging, production. Their order in the
               configuration is the order of promotion.
  release      a version as one environment knew it: a commit and the digest of its files.
  deployment   one attempt to put a version there: in_progress, succeeded, failed, rolled_back.
  baking       the time after a success in which an alarm still counts against it. Only what
               has baked is good, and only what is good is gone back to by itself.
  rollback     from a trigger to an outcome: succeeded, escalated to people, or cancelled.
  level        stage: the one environment; full: every environment that runs the version.
  budget       15 minutes from the trigger to validated, unless configured otherwise. Then people
               are asked.
  settle       the pause after the switch in which alarms are watched and nothing may pass yet.
  hold         a version that is kept out of an environment. A rollback holds what it took back.
  brake        enough automatic rollbacks in a short time: automation keeps away until people
               hand the environment back.

What asks, and how

  nothing   reading, --dry-run, plan                 runs
  mild      hold add, hold release                   runs, says how to undo it
  moderate  rollback, apply                          asks; the answer is the word yes
  severe    a protected environment, --scope full,   asks for the name of the environment, or of
            --accept-data-risk, --accept-alarm       the service when it touches all of them

  Where nobody can be asked (no terminal, CI is set, --no-input) a mild act needs --reason, a
  moderate one --yes --reason, a severe one --confirm NAME --reason.

Ctrl-C cancels a rollback that has not changed anything, and leaves one that has: it goes forward
only, and whoever comes next carries it on.
)";

constexpr std::string_view exit_codes = R"(Exit codes

    0  done, or nothing to do, or declined when asked
    1  it ran, and the answer is bad: not healthy, escalated, cancelled by somebody else, a gate
       that fails
    2  the command line is wrong
    3  refused: a confirmation is missing, a hold or the policy forbids it, the plan is out of date
    4  no such environment, release, record or target
    5  another operation holds the environment
    6  configuration or credentials are invalid
    7  something that it needs refused, is unreachable, or is damaged; a report is unreadable
    8  the budget or --timeout was exceeded
    9  partly done: some environments were rolled back, others were not
   10  with --detailed-exitcode: something would change
  130  interrupted; a rollback that had begun goes on where a server runs
)";

constexpr std::string_view configuration = R"(Configuration

Where it is looked for, the first that is there:
  --config FILE, STEPBACK_CONFIG, ./stepback.yaml and upwards, $XDG_CONFIG_HOME/stepback/,
  /etc/stepback/

  stepback init            writes a commented one to begin with
  stepback config check    says everything that is wrong with it, with file, line and column
  stepback config show     shows it as it is understood, secrets as ***
  stepback config schema   prints the JSON Schema, for editors

Durations carry a unit: 60s, 15m, 2h, 90d. Secrets are references, never written down here.
)";

constexpr std::string_view variables = R"(Environment variables

  STEPBACK_CONFIG     the configuration, when --config does not say
  XDG_CONFIG_HOME     where else it is looked for: stepback/stepback.yaml in it
  XDG_STATE_HOME      where stepback demo keeps its service
  CI                  set: nobody is asked, as with --no-input
  NO_COLOR            set: no colour; TERM=dumb: no colour, and nothing is painted over
  LC_ALL, LANG        C or POSIX: no signs beyond ASCII
  GITHUB_ACTIONS, CODEBUILD_BUILD_ID
                      set: a gate tells what the build runs on, in its own form
  AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the others of awscli: as there

  Secrets of the configuration are named env:NAME or file:PATH, and read from there only.
)";

constexpr std::string_view formats = R"(Formats

Every command that reads takes -o:
  table  for people (the default)      text   tab-separated, without a header
  json   one document                  id     only ids or versions, one a line
  yaml   the same document             jsonl  one document a line

Each document says what it is: "schema": "stepback/v1/...". Fields are added, never changed.
All of them: `stepback schema`; the JSON Schema of one: `stepback schema status`.
Times are RFC 3339 in UTC. Data goes to standard output, talk to standard error.

  stepback targets production --limit 1 -o id         the version that would be chosen
  stepback status -o json                             everything about every environment
  stepback status --query 'environments[*].version'   a part of it: stepback help query
  stepback history --since 7d -o jsonl                one deployment a line

Reports in, by `stepback gate`: JUnit; Cobertura, lcov, Istanbul, Clover; SARIF, Trivy, Grype, npm
audit; cfn-lint, cfn-guard. Which word of which tool counts as what: stepback gate --explain

Events in, by `stepback trigger --event` or POST /api/v1/events: CloudWatch's alarms as events,
actions and messages of a topic, CodePipeline, CodeBuild, Alertmanager, Grafana, CDEvents.
Other tools: POST /api/v1/hooks/NAME, by server.ingest.hooks. Topics: POST /api/v1/sns.
Try one without consequences: stepback trigger production --event alarm.json
)";

constexpr std::string_view query = R"(Query

--query picks from the document that -o json shows, in JMESPath, as awscli's does:

  stepback status --query 'environments[?rollback].environment'
  stepback status --query 'environments[*].{where: environment, what: version}'
  stepback history --query 'length(deployments)'
  stepback targets production --query 'targets[0].version' -o text

  a.b  a[0]  a[-1]  a[1:3]      a field, an element, some elements
  a[*].b  a.*.b  a[]            of each element, of each value, lists taken apart
  a[?b == 'x' && c > `1`]       those for which it holds; == != < <= > >= && || !
  [a, b]  {name: a, other: b}   a list, an object
  a | b                         of all that was found, not of each
  'text'  `1`  `true`  "odd name"  @
  abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by
  not_null reverse sort sort_by starts_with sum to_array to_number to_string type values

With -o table, objects become rows under the names of their fields, lists of lists rows without
names, and what is nested stands below, under its name. With -o text, a row for each list or
object, a tab between its values. With -o id, each value on a line.
)";

constexpr std::string_view emergencies = R"(Emergencies

Production is broken, now
  stepback rollback production --dry-run     what would happen, and how long it takes
  stepback rollback production               the gesture; answer yes

It was rolled back and is still broken
  stepback explain rb-...                    what was tried and what is still wrong
  stepback targets production                what else there is
  stepback rollback production --further     only to what is older than what runs now

The same version is broken everywhere
  stepback rollback production --scope full  every environment that runs it; type the service

Several environments are in trouble, and nobody knows why
  stepback emergency --dry-run               which would go back, which are left alone, and why
  stepback emergency                         stop all, go back, production first, then watch

It was a false alarm, and the version was well
  stepback rollback production --undo        deployed again, with its checks

An alarm is red for reasons of its own, and blocks
  stepback rollback production --accept-alarm NAME --reason TEXT    for this rollback
  stepback override add production --check "alarm NAME" --for 1h --reason TEXT

Automation keeps away (escalated, or the brake is on) and you have looked
  stepback hold release production --reason TEXT

Nothing happened although an alarm is red
  stepback trigger production --alarm NAME   why: what would become of it
  stepback alarms production                 what each alarm may do
)";

constexpr std::array topics{
    Topic{"concepts", concepts},      Topic{"exit-codes", exit_codes},
    Topic{"config", configuration},   Topic{"environment-variables", variables},
    Topic{"formats", formats},        Topic{"query", query},
    Topic{"emergencies", emergencies}};

}  // namespace

std::optional<std::string_view> help_topic(std::string_view name) {
  for (const auto& topic : topics) {
    if (topic.name == name) return topic.text;
  }
  return std::nullopt;
}

std::vector<std::string> topic_names() {
  std::vector<std::string> names;
  for (const auto& topic : topics) names.emplace_back(topic.name);
  return names;
}

}  // namespace stepback::cli
