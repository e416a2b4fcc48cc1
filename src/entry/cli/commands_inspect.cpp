// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "documents/documents.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/documents_inspection.hpp"
#include "entry/cli/lookup.hpp"
#include "entry/cli/render_inspection.hpp"

namespace stepback::cli {
namespace {

Answered<void> agree(Session& session, const std::string& reason, std::string deed,
                     std::string command) {
  const Asking asking{
      .danger = Danger::mild, .deed = std::move(deed), .command = std::move(command)};
  (void)TRY(confirm(session, asking, {.reason = reason}));  // what is mild is never declined
  return {};
}

Answered<void> mend(Session& session, Engine& engine, const Environment& environment,
                    const std::string& reason) {
  TRY(session.may_change("mending records"));
  TRY(agree(session, reason, "mending the records of " + environment.name,
            fmt::format("stepback reconcile {} --fix --reason TEXT", environment.name)));
  const auto mended =
      TRY(told(engine.inspection.mend(environment, session.terminal().user),
               {.what = "the records of " + environment.name + " could not all be mended",
                .attempt = "stepback reconcile " + environment.name}));
  for (const auto& each : mended)
    session.remark({fmt::format("mended: {} ({})", each.check.name, each.check.evidence)});
  return {};
}

// The version that was meant: one on record by its beginning, or any as it stands.
Answered<Version> version_in(Engine& engine, const Environment& environment,
                             const std::string& text) {
  auto version =
      TRY(told(parse_version(text), {.what = "no version is called so",
                                     .attempt = "stepback artifacts " + environment.name}));
  if (auto known = resolve_version(engine, environment, text)) return *std::move(known);
  return version;
}

void add_row(Answer& answer, const Environment& environment, const ArtifactView& view,
             Instant now) {
  answer.rows.add({environment.name, view.version.text, artifact_word(view, now),
                   view.shelved ? std::to_string(view.shelved->files) : "",
                   view.shelved ? std::to_string(view.shelved->bytes) : "",
                   view.shelved ? view.shelved->digest.hex : view.recorded.hex});
  answer.list.push_back(artifact_document(environment, view));
  answer.ids.push_back(view.version.text);
}

Answered<> show_one(Session& session, Engine& engine, const Environment& environment,
                    const std::string& text) {
  const auto version = TRY(version_in(engine, environment, text));
  const auto view = TRY(told(engine.inspection.artifact(environment, version),
                             {.what = "the artifacts of " + version.text + " cannot be looked at",
                              .attempt = "stepback artifacts " + environment.name}));
  const auto now = engine.clock.now();
  Answer answer{.screen = artifact_screen(environment, view, now),
                .document = artifact_document(environment, view)};
  add_row(answer, environment, view, now);
  session.print(answer);
  return view.state == ArtifactState::present ? Exit::done : Exit::bad;
}

std::string publishing_again(const ArtifactsPutOptions& options) {
  return fmt::format("stepback artifacts put {} --version {} --from {} --reason TEXT --yes",
                     options.environment, options.version, shell_word(options.from));
}

}  // namespace

Answered<> perform(const ReconcileOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  Answer answer;
  bool drifted = false;
  for (const auto& environment : TRY(session.environments(options.environments))) {
    if (options.fix) TRY(mend(session, engine, environment, options.reason));
    const auto found = TRY(told(engine.inspection.drift(environment),
                                {.what = environment.name + " cannot be looked at"}));
    append(answer.screen, drift_screen(environment, found, session.global().verbose));
    for (const auto& each : found) {
      drifted = drifted || each.check.verdict == Verdict::failed;
      answer.list.push_back(drift_document(environment, each));
      answer.rows.add({environment.name, each.check.name, name_of(each.check.verdict),
                       each.check.evidence, each.remedy});
    }
    answer.ids.push_back(environment.name);
  }
  answer.document = list_document("reconciliation", "findings", answer.list);
  session.print(answer);
  return drifted ? Exit::bad : Exit::done;
}

Answered<> perform(const ArtifactsOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  if (!options.version.empty()) return show_one(session, engine, environment, options.version);
  const auto views =
      TRY(told(engine.inspection.artifacts(environment, options.limit),
               {.what = "the artifacts of " + environment.name + " cannot be listed"}));
  const auto now = engine.clock.now();
  Answer answer;
  for (const auto& view : views) add_row(answer, environment, view, now);
  answer.screen = views.empty() ? Screen{"nothing was ever published here"}
                                : artifacts_table(views, now).screen(!session.global().no_header);
  if (const auto rules = engine.inspection.ports().shelf.rules(environment))
    answer.screen.push_back(Line(rules->detail, Role::muted));
  answer.document = list_document("artifacts", "artifacts", answer.list);
  session.print(answer);
  return Exit::done;
}

Answered<> perform(const ArtifactsRestoreOptions& options, Session& session) {
  TRY(session.may_change("restoring artifacts"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto version = TRY(version_in(engine, environment, options.version));
  TRY(agree(session, options.reason, "restoring the artifacts of " + version.text,
            fmt::format("stepback artifacts restore {} --version {} --reason TEXT",
                        environment.name, version.text)));
  const auto done =
      TRY(told(engine.inspection.restore(environment, version, session.terminal().user),
               {.what = "the artifacts of " + version.text + " were not restored",
                .attempt = fmt::format("stepback artifacts {} --version {}", environment.name,
                                       version.text)}));
  session.remark({done});
  return show_one(session, engine, environment, version.text);
}

// What was published before under the name was verified when it was deployed. Other content has
// been seen by nobody, and is published on somebody's word only.
Answered<> perform(const ArtifactsPutOptions& options, Session& session) {
  TRY(session.may_change("publishing artifacts"));
  Engine& engine = *TRY(session.engine());
  const auto environment = TRY(session.environment(options.environment));
  const auto version =
      TRY(told(parse_version(options.version), {.what = "no version is called so"}));
  const Deed deed{
      .what = version.text + " was not published",
      .attempt = fmt::format("stepback artifacts {} --version {}", environment.name, version.text)};
  const auto before =
      TRY(told(engine.inspection.publication(environment, version, options.from), deed));
  const bool same = before.is_verified_one();
  if (!same) {
    session.remark(
        {Line(warning_sign, Role::warning)
             .add(fmt::format(
                 " this is NOT the verified artifact: its digest is {}, and "
                 "{} was recorded",
                 before.digest.hex.substr(0, 12),
                 before.recorded.empty() ? "none" : before.recorded.hex.substr(0, 12)))});
    const auto agreed =
        TRY(confirm(session,
                    {.danger = Danger::moderate,
                     .deed = "publishing other content as " + version.text,
                     .question = fmt::format(
                         "Are you sure you want to publish it as {} all the same?", version.text),
                     .name = environment.name,
                     .declined = "Nothing was published",
                     .command = publishing_again(options)},
                    options.consent));
    if (agreed == Agreement::declined) return Exit::done;
  }
  const auto done = TRY(told(
      engine.inspection.publish(
          {.environment = environment,
           .version = version,
           .directory = options.from,
           .by = session.terminal().user,
           .reason = options.consent.reason.empty() ? "published again" : options.consent.reason}),
      deed));
  json::Object document;
  document["schema"] = json::Value("stepback/v1/publication");
  document["environment"] = json::Value(environment.name);
  document["version"] = json::Value(version.text);
  document["digest"] = json::Value(done.digest.hex);
  document["recordedDigest"] = json::Value(done.recorded.hex);
  document["verifiedArtifact"] = same;
  Answer answer{.screen = {fmt::format(
                    "{} is published in {}{}", version.text, environment.name,
                    same ? ", as it was verified" : "; deploy it before anybody goes back to it")},
                .document = std::move(document),
                .ids = {done.digest.hex}};
  answer.rows.add({version.text, done.digest.hex, same ? "verified" : "other content"});
  session.print(answer);
  return Exit::done;
}

}  // namespace stepback::cli
