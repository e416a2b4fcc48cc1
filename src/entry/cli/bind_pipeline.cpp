// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/flags.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {
namespace {

void bind_facts(CLI::App& app, DeployFacts& it) {
  positional(app, "ENV", it.environment);
  text(app, "--version", it.version, "what is deployed, normally a commit", "VERSION");
  text(app, "--one-way", it.one_way, "why going back from it loses data", "REASON");
  app.add_flag("--accept-one-way", it.accept_one_way,
               "where policy wants what closes the way back confirmed");
  app.add_option_function<bool>(
         "--infra-changed", [&it](bool changed) { it.infrastructure_changed = changed; },
         "true or false; unsaid is not false")
      ->type_name("BOOL");
  text(app, "--infra-version", it.infrastructure_version, "of the infrastructure it comes with",
       "VERSION");
}

void add_runs(Tree& tree) {
  tree.add<DeployHeartbeatOptions>(
      "deploy heartbeat",
      [](CLI::App& app, DeployHeartbeatOptions& it) { required(app, "ENV", it.environment); });
  tree.add<PipelineRunOptions>("pipeline run", [](CLI::App& app, PipelineRunOptions& it) {
    text(app, "--version", it.version, "what goes through, normally a commit", "VERSION")
        ->required();
  });
  tree.add<PipelineStatusOptions>("pipeline status", [](CLI::App&, PipelineStatusOptions&) {});
  tree.add<PipelineStopOptions>("pipeline stop", [](CLI::App&, PipelineStopOptions&) {});
  tree.add<ApproveOptions>("approve", [](CLI::App& app, ApproveOptions& it) {
    positional(app, "RUN|ENV", it.run);
    text(app, "--reason", it.reason, "what was checked; kept in the record")->required();
  });
  tree.add<RejectOptions>("reject", [](CLI::App& app, RejectOptions& it) {
    positional(app, "RUN|ENV", it.run);
    text(app, "--reason", it.reason, "why not; kept in the record")->required();
  });
}

}  // namespace

void add_pipeline(Tree& tree) {
  tree.add<DeployOptions>("deploy", [](CLI::App& app, DeployOptions& it) {
    bind_facts(app, it.facts);
    // Its subcommands are without it, so it cannot be required here: what_is_missing() sees to it.
    text(app, "--from", it.from, "the directory with what is to run", "DIR");
    app.add_flag("--wait-bake", it.wait_bake, "stay until it is good, or taken back");
    duration(app, "--check-limit", it.check_limit, "until its checks must have passed");
    app.require_subcommand(0, 1);
  });
  tree.add<DeployStartOptions>("deploy start", [](CLI::App& app, DeployStartOptions& it) {
    bind_facts(app, it.facts);
    app.get_option("ENV")->required();
    app.get_option("--version")->required();
  });
  tree.add<DeploySucceedOptions>("deploy succeed", [](CLI::App& app, DeploySucceedOptions& it) {
    required(app, "ENV", it.environment);
  });
  tree.add<DeployFailOptions>("deploy fail", [](CLI::App& app, DeployFailOptions& it) {
    bind_facts(app, it.facts);
    app.get_option("ENV")->required();
    app.get_option("--version")
        ->description("it failed before anything of it ran, and was not recorded as begun");
    for (const auto* fact : {"--one-way", "--infra-changed", "--infra-version"})
      app.get_option(fact)->needs("--version");
    text(app, "--reason", it.reason, "why; kept in the record");
  });
  tree.add<GateOptions>("gate", [](CLI::App& app, GateOptions& it) {
    // Not required by the library, since --explain needs none: what_is_missing() sees to them.
    positional(app, "KIND", it.kind)->check([](const std::string& given) {
      return named<GateKind>(given) ? "" : given + " is none of tests, coverage, scan, cfn";
    });
    positional(app, "ENV", it.environment);
    app.add_option("--report", it.reports, "what the tool wrote; again for each file")
        ->type_name("FILE")
        ->allow_extra_args(false);
    text(app, "--version", it.version, "what was looked at (default: what is deployed there)",
         "VERSION");
    choice(app, "--format", it.format, "the reports' format (default: found by their content)");
    percent(app, "--coverage", it.coverage, "what must be covered (default: the configuration's)");
    app.add_flag("--branches", it.branches, "measure branches instead of lines");
    choice(app, "--from", it.counts_from, "the rating from which a finding counts");
    app.add_flag("--no-record", it.no_record, "only judge: keep no record, start nothing");
    text(app, "--output-file", it.output_file, "where the verdict is written", "FILE");
    app.add_flag("--explain", it.explain, "which word of which tool counts as what");
  });
  add_runs(tree);
}

}  // namespace stepback::cli
