// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/cli.hpp"

#include "entry/cli/commands.hpp"
#include "entry/cli/completing.hpp"

namespace stepback::cli {
namespace {

constexpr std::string_view version_line = "stepback " STEPBACK_VERSION "\n";

// Answered before anything is built: scripts ask for it often.
bool asks_for_version(int argc, const char* const* argv) {
  if (argc != 2) return false;
  const std::string_view word(argv[1]);
  return word == "--version" || word == "version";
}

int complain_at(Terminal& terminal, const Complaint& complaint) {
  terminal.err << render(complaint);
  terminal.err.flush();
  return static_cast<int>(complaint.exit);
}

int carry_out(const Parsed& parsed, Terminal& terminal, Application& application) {
  Session session(terminal, application, parsed.global);
  const auto answered =
      std::visit([&](const auto& options) { return perform(options, session); }, parsed.command);
  if (!answered) return complain_at(terminal, answered.error());
  if (const auto& complaint = session.complaint()) {
    const auto exit = complain_at(terminal, *complaint);
    return *answered == Exit::done ? exit : static_cast<int>(*answered);
  }
  terminal.out.flush();
  if (terminal.out || *answered != Exit::done) return static_cast<int>(*answered);
  return complain_at(terminal, {Exit::provider, "the answer could not be written",
                                "standard output is closed or full", "stepback status", ""});
}

}  // namespace

int run(int argc, const char* const* argv, Terminal& terminal, Application& application) {
  if (asks_for_version(argc, argv)) {
    terminal.out << version_line;
    return static_cast<int>(Exit::done);
  }
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (!arguments.empty() && arguments.front() == "__complete") {
    terminal.out << completions({arguments.begin() + 1, arguments.end()}, application.known_names);
    return static_cast<int>(Exit::done);
  }
  const auto parsed = parse(arguments);
  if (const auto* help = std::get_if<HelpText>(&parsed)) {
    terminal.out << help->text;
    return static_cast<int>(Exit::done);
  }
  if (const auto* complaint = std::get_if<Complaint>(&parsed))
    return complain_at(terminal, *complaint);
  return carry_out(std::get<Parsed>(parsed), terminal, application);
}

}  // namespace stepback::cli
