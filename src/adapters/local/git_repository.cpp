// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/git_repository.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <optional>

#include "adapters/local/process.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_commits = 200;  // as many as an answer holds
constexpr char between_fields = '\x1f';
constexpr char between_commits = '\x1e';
constexpr int no_such_thing = 128;  // how git ends when it does not know a name
constexpr std::size_t longest_text = 200;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// None for one that was cut off.
std::optional<SourceCommit> read_commit(std::string_view line) {
  while (line.starts_with('\n')) line.remove_prefix(1);
  const auto fields = split(line, between_fields);
  if (fields.size() < 3) return std::nullopt;
  std::int64_t at = 0;
  const auto [end, error] =
      std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), at);
  if (error != std::errc() || end != fields[1].data() + fields[1].size()) return std::nullopt;
  return SourceCommit{.id = std::string(fields[0]),
                      .at = Instant{at * 1000},
                      .author = one_line(fields[2], longest_text),
                      .subject = fields.size() > 3 ? one_line(fields[3], longest_text) : ""};
}

}  // namespace

std::string repository_around(const std::string& directory) {
  std::error_code wrong;
  for (auto path = fs::path(directory); !path.empty(); path = path.parent_path()) {
    if (fs::exists(path / ".git", wrong)) return path.string();
    if (path == path.parent_path()) break;
  }
  return {};
}

Result<std::string> GitRepository::ask(const Environment& environment,
                                       std::vector<std::string> arguments) {
  const auto found = config_.repositories.find(environment);
  if (found == config_.repositories.end())
    return fail(Code::not_found, "nobody said where the sources of " + environment.name + " are");
  Command command{
      .arguments = {"git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c",
                    "log.showSignature=false", "--no-pager", "-C", found->second},
      .environment = {{"GIT_TERMINAL_PROMPT", "0"},
                      {"GIT_OPTIONAL_LOCKS", "0"},
                      {"GIT_CONFIG_NOSYSTEM", "1"},
                      {"LC_ALL", "C"}},
      .drop_errors = true,
      .limit = config_.limit};
  std::ranges::move(arguments, std::back_inserter(command.arguments));
  const auto ended = TRY(run(command, clock_));
  if (ended.status == no_such_thing || ended.status == 1)
    return fail(Code::not_found, found->second + " knows nothing of that name");
  TRY(must_succeed(ended, "git in " + found->second));
  return ended.output;
}

Result<std::vector<SourceCommit>> GitRepository::commits(const Environment& environment,
                                                         Instant since, std::size_t limit) {
  const auto text =
      TRY(ask(environment,
              {"log", fmt::format("--max-count={}", std::min(limit, most_commits)),
               "--since=" + to_rfc3339_seconds(since), "--format=%H%x1f%ct%x1f%an%x1f%s%x1e"}));
  std::vector<SourceCommit> commits;
  for (const auto line : split(text, between_commits))
    if (auto commit = read_commit(line)) commits.push_back(*std::move(commit));
  return commits;
}

Result<std::string> GitRepository::differences(const Environment& environment, const Version& from,
                                               const Version& to) {
  TRY(must_be_plain(from));
  TRY(must_be_plain(to));
  const auto commits = TRY(ask(environment, {"log", "--max-count=50", "--oneline", "--no-decorate",
                                             from.text + ".." + to.text, "--"}));
  const auto files = TRY(ask(environment, {"diff", "--stat=100", "--no-ext-diff", "--no-textconv",
                                           from.text + ".." + to.text, "--"}));
  return fmt::format("commits in {} that are not in {}:\n{}\nfiles:\n{}", to.text, from.text,
                     commits.empty() ? "none\n" : commits, files.empty() ? "none\n" : files);
}

Result<bool> GitRepository::knows(const Environment& environment, const Version& version) {
  TRY(must_be_plain(version));
  const auto asked = ask(environment, {"cat-file", "-e", version.text + "^{commit}"});
  if (asked) return true;
  if (asked.error().code != Code::not_found) return fail(asked.error());
  // It says the same of a folder that it may not read, or that is none of its own.
  auto whole = ask(environment, {"rev-parse", "--git-dir"});
  if (!whole) return fail(Code::unavailable, "the sources cannot be read as a git repository");
  return false;
}

}  // namespace stepback::local
