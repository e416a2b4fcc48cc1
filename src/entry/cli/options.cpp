// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/options.hpp"

namespace stepback::cli {
namespace {

std::string missing_in(const DeployOptions& deploy) {
  std::string missing;
  if (deploy.facts.environment.empty()) missing += " ENV";
  if (deploy.facts.version.empty()) missing += " --version";
  if (deploy.from.empty()) missing += " --from";
  return missing;
}

std::string missing_in(const GateOptions& gate) {
  std::string missing;
  if (gate.explain) return missing;
  if (gate.kind.empty()) missing += " KIND";
  if (gate.environment.empty()) missing += " ENV";
  if (gate.reports.empty()) missing += " --report";
  return missing;
}

std::optional<Complaint> complaint_about(std::string_view command, const std::string& missing) {
  if (missing.empty()) return std::nullopt;
  const auto name = "stepback " + std::string(command);
  return Complaint{Exit::usage, name + " needs more", "missing:" + missing, name + " --help", ""};
}

}  // namespace

std::optional<Complaint> what_is_missing(const Command& command) {
  if (const auto* deploy = std::get_if<DeployOptions>(&command))
    return complaint_about("deploy", missing_in(*deploy));
  if (const auto* gate = std::get_if<GateOptions>(&command))
    return complaint_about("gate", missing_in(*gate));
  if (const auto* rca = std::get_if<RcaOptions>(&command); rca != nullptr && rca->id.empty())
    return complaint_about("rca", " ID");
  if (const auto* artifacts = std::get_if<ArtifactsOptions>(&command);
      artifacts != nullptr && artifacts->environment.empty())
    return complaint_about("artifacts", " ENV");
  return std::nullopt;
}

std::optional<std::int64_t> parse_percent(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  auto decimals = point == std::string_view::npos ? "00" : std::string(text.substr(point + 1));
  if (decimals.size() == 1) decimals += '0';
  if (whole.empty() || whole.size() > 3 || decimals.size() != 2) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : std::string(whole) + decimals) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number <= 10'000 ? std::optional(number) : std::nullopt;
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
