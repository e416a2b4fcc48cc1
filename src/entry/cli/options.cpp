// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/options.hpp"

namespace stepback::cli {

std::optional<Complaint> what_is_missing(const Command& command) {
  const auto* deploy = std::get_if<DeployOptions>(&command);
  if (deploy == nullptr) return std::nullopt;
  std::string missing;
  if (deploy->facts.environment.empty()) missing += " ENV";
  if (deploy->facts.version.empty()) missing += " --version";
  if (deploy->from.empty()) missing += " --from";
  if (missing.empty()) return std::nullopt;
  return Complaint{Exit::usage, "stepback deploy needs more", "missing:" + missing,
                   "stepback deploy --help", ""};
}

Result<Instant> parse_moment(std::string_view text, Instant now) {
  if (const auto back = parse_duration(text)) return now - *back;
  constexpr std::size_t date_length = 10;
  const auto whole =
      text.size() == date_length ? std::string(text) + "T00:00:00Z" : std::string(text);
  if (const auto instant = parse_rfc3339(whole)) return *instant;
  return fail(Code::invalid, "no duration like 7d, no date and no time like 2026-01-27T10:18:04Z");
}

}  // namespace stepback::cli
