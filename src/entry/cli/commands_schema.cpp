// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/commands.hpp"
#include "entry/cli/document_schemas.hpp"
#include "entry/cli/spelling.hpp"

namespace stepback::cli {

Answered<> perform(const SchemaOptions& options, Session& session) {
  const auto schemas =
      TRY(told(DocumentSchemas::read(session.application().api_description()),
               {.what = "the schemas cannot be read", .attempt = "stepback help"}));
  auto& out = session.terminal().out;
  if (options.name.empty()) {
    for (const auto& name : schemas.names()) out << name << '\n';
    return Exit::done;
  }
  if (const auto schema = schemas.find(options.name)) {
    out << json::write_pretty(*schema) << '\n';
    return Exit::done;
  }
  const auto guess = nearest(options.name, schemas.names());
  return complain(
      {Exit::not_found, "there is no document " + options.name,
       guess ? "did you mean " + *guess + "?" : "each document names its own in `schema`",
       guess ? "stepback schema " + *guess : "stepback schema", ""});
}

}  // namespace stepback::cli
