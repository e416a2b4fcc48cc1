// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "entry/cli/commands.hpp"

namespace stepback::cli {
namespace {

Complaint unconfigured(const Error& error, std::string what) {
  return {Exit::configuration, std::move(what), error.message, "stepback config schema", ""};
}

}  // namespace

Answered<> perform(const AuditOptions&, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto report =
      TRY(told(engine.query.ledger().audit(),
               {.what = "the journal cannot be read through", .attempt = "stepback config check"}));
  const bool sound = report.findings.empty();
  Answer answer;
  Line line(sound ? good_sign : bad_sign, sound ? Role::good : Role::bad);
  line.add(fmt::format(
      " {} entries and {} records read: {}", report.entries, report.records,
      sound ? "everything is as it was written" : count_of(report.findings.size(), "finding")));
  answer.screen.push_back(std::move(line));
  json::Array findings;
  for (const auto& finding : report.findings) {
    answer.screen.push_back("  " + finding);
    answer.rows.add({finding});
    findings.push_back(json::Value(finding));
  }
  json::Object document;
  document["schema"] = "stepback/v1/audit";
  document["entries"] = report.entries;
  document["records"] = report.records;
  document["findings"] = std::move(findings);
  answer.document = std::move(document);
  session.print(answer);
  return sound ? Exit::done : Exit::bad;
}

Answered<> perform(const BackupOptions& options, Session& session) {
  const auto said = TRY(told(session.application().backup(session.global(), options.file),
                             {.what = "no backup was written"}));
  session.remark({said});
  return Exit::done;
}

Answered<> perform(const ConfigCheckOptions&, Session& session) {
  const auto checked = session.application().check_configuration(session.global());
  if (!checked) {
    return complain(unconfigured(checked.error(), "the configuration is not valid"));
  }
  session.terminal().out << *checked << (checked->ends_with('\n') ? "" : "\n");
  return Exit::done;
}

Answered<> perform(const ConfigShowOptions&, Session& session) {
  const auto shown = session.application().show_configuration(session.global());
  if (!shown) {
    auto complaint = unconfigured(shown.error(), "the configuration cannot be shown");
    complaint.attempt = "stepback config check";
    return complain(std::move(complaint));
  }
  session.terminal().out << *shown << (shown->ends_with('\n') ? "" : "\n");
  return Exit::done;
}

Answered<> perform(const ConfigSchemaOptions&, Session& session) {
  const auto schema = session.application().configuration_schema();
  session.terminal().out << schema << (schema.ends_with('\n') ? "" : "\n");
  return Exit::done;
}

Answered<> perform(const ServeOptions& options, Session& session) {
  return static_cast<Exit>(session.application().serve(session.global(), options));
}

}  // namespace stepback::cli
