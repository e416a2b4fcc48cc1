// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/confirm.hpp"

#include <fmt/core.h>

namespace stepback::cli {
namespace {

Complaint refusal(const Asking& asking, std::string missing) {
  return {Exit::refused, asking.deed + " was not confirmed", std::move(missing), asking.command,
          ""};
}

// The line that was typed, without its end. Nothing when the input has ended.
std::string read_line(Session& session) {
  std::string line;
  std::getline(session.terminal().in, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Agreement answered(Session& session, const Asking& asking, std::string_view wanted) {
  session.terminal().err.flush();
  if (read_line(session) == wanted) return Agreement::given;
  session.talk({Line(asking.declined)});
  return Agreement::declined;
}

Answered<Agreement> without_asking(const Asking& asking, const Consent& consent) {
  if (consent.reason.empty())
    return complain(refusal(asking, "nobody can be asked here, so --reason must say why"));
  if (asking.danger == Danger::mild) return Agreement::given;
  if (asking.danger == Danger::severe) {
    return complain(refusal(asking, fmt::format("nobody can be asked here, and this is severe: it "
                                                "needs --confirm {} (--yes is not enough)",
                                                asking.name)));
  }
  if (consent.yes) return Agreement::given;
  return complain(refusal(asking, "nobody can be asked here, so it needs --yes"));
}

}  // namespace

Answered<Agreement> confirm(Session& session, const Asking& asking, const Consent& consent) {
  if (!consent.confirm.empty() && consent.confirm != asking.name) {
    return complain(refusal(asking, fmt::format("--confirm says {}, and this is about {}",
                                                consent.confirm, asking.name)));
  }
  const bool named = consent.confirm == asking.name && !asking.name.empty();
  if (named && !consent.reason.empty()) return Agreement::given;
  if (!session.interactive()) return without_asking(asking, consent);
  switch (asking.danger) {
    case Danger::mild: return Agreement::given;
    case Danger::moderate:
      if (consent.yes || named) return Agreement::given;
      session.terminal().err << escaped(asking.question) << " (yes/no): ";
      return answered(session, asking, "yes");
    case Danger::severe:
      if (named) return Agreement::given;
      session.terminal().err << fmt::format("Type {} to go on: ", escaped(asking.name));
      return answered(session, asking, asking.name);
  }
  std::unreachable();
}

}  // namespace stepback::cli
