// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "entry/cli/archive.hpp"
#include "entry/cli/commands.hpp"
#include "entry/cli/files.hpp"
#include "entry/cli/lookup.hpp"
#include "entry/cli/surroundings.hpp"

namespace stepback::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view collected = "rca.collected";
constexpr std::size_t most_files = 100;

// All of it or nothing: beside its place first.
Result<> write_archive(const std::string& directory, const std::vector<ArchiveFile>& files,
                       const Chain& chain) {
  const fs::path beside = directory + ".new";
  std::error_code problem;
  if (fs::exists(directory, problem)) return fail(Code::conflict, directory + " is there already");
  fs::remove_all(beside, problem);
  if (!fs::create_directories(beside, problem) || problem)
    return fail(Code::unavailable, beside.string() + ": " + problem.message());
  for (const auto& file : files) TRY(write_file(beside / file.name, file.bytes));
  TRY(write_file(beside / chain_name, chain.text));
  fs::rename(beside, directory, problem);
  if (problem) return fail(Code::unavailable, directory + ": " + problem.message());
  return {};
}

// So that even whoever writes the whole directory anew is found out.
Result<> remember(Session& session, Engine& engine, const Evidence& evidence, const Chain& chain) {
  const auto& rollback = evidence.view.rollback;
  JournalEntry entry{.environment = rollback.environment,
                     .at = evidence.collected_at,
                     .kind = std::string(collected),
                     .actor = session.terminal().user,
                     .rollback = rollback.id};
  entry.text = "the evidence was collected";
  entry.facts = {{"chain", chain.end}};
  return commit_anew(engine.store,
                     [&]() -> Result<std::optional<Commit>> { return Commit{.journal = {entry}}; });
}

Result<std::vector<ArchiveFile>> read_archive(const std::string& directory) {
  std::vector<ArchiveFile> files;
  std::error_code problem;
  for (fs::directory_iterator each(directory, problem); !problem && each != fs::end(each);
       each.increment(problem)) {
    if (files.size() == most_files)
      return fail(Code::invalid, fmt::format("{} has more than {} files", directory, most_files));
    ArchiveFile file{.name = each->path().filename()};
    file.bytes = TRY(read_file(each->path()));
    files.push_back(std::move(file));
  }
  if (problem) return fail(Code::not_found, directory + ": " + problem.message());
  std::ranges::sort(files, {}, &ArchiveFile::name);
  return files;
}

}  // namespace

Answered<> perform(const RcaOptions& options, Session& session) {
  Engine& engine = *TRY(session.engine());
  const auto id = TRY(resolve_rollback(engine, options.id));
  const auto evidence = TRY(told(engine.query.evidence(id),
                                 {.what = "the evidence of " + id.text + " cannot be collected",
                                  .attempt = "stepback explain " + id.text}));
  const auto directory = options.into.empty() ? "rca-" + id.text : options.into;
  auto files = archive_of(evidence);
  std::ranges::move(surroundings_of(engine, evidence), std::back_inserter(files));
  const auto chain = chain_of(files);
  TRY(told(write_archive(directory, files, chain),
           {.what = "the evidence of " + id.text + " cannot be written",
            .attempt = fmt::format("stepback rca {} --into {}-2", id.text, directory)}));
  Screen screen{Line(good_sign, Role::good)
                    .add(fmt::format(" {} with {}", directory, count_of(files.size(), "file")))};
  screen.push_back("  begin with " + directory + "/post-mortem.md");
  screen.push_back("next: stepback rca verify " + directory);
  if (session.global().read_only) {
    session.remark({"--read-only: no record says that it was collected"});
  } else {
    TRY(told(remember(session, engine, evidence, chain),
             {.what = directory + " is written, but no record says so",
              .attempt = "stepback rca verify " + directory}));
  }
  json::Object document;
  document["schema"] = "stepback/v1/rca";
  document["rollbackId"] = json::Value(id.text);
  document["directory"] = json::Value(directory);
  document["chain"] = json::Value(chain.end);
  session.print({.screen = std::move(screen), .document = std::move(document), .ids = {directory}});
  return Exit::done;
}

Answered<> perform(const RcaVerifyOptions& options, Session& session) {
  const Deed deed{.what = options.directory + " cannot be verified",
                  .attempt = "stepback rca verify --help"};
  auto files = TRY(told(read_archive(options.directory), deed));
  const auto chain = std::ranges::find(files, chain_name, &ArchiveFile::name);
  if (chain == files.end()) {
    return complain({Exit::bad, options.directory + " proves nothing",
                     "it has no " + std::string(chain_name), deed.attempt, ""});
  }
  const auto text = std::move(chain->bytes);
  files.erase(chain);
  const auto [end, found] = TRY(told(prove(text, files), deed));
  Answer answer;
  for (const auto& each : found) {
    answer.screen.push_back(Line(bad_sign, Role::bad).add(" " + each));
    answer.rows.add({each});
  }
  json::Object document;
  document["schema"] = "stepback/v1/rca-verification";
  document["directory"] = json::Value(options.directory);
  document["differences"] = json::Array(found.begin(), found.end());
  document["chain"] = json::Value(end);
  if (found.empty()) {
    answer.screen.push_back(
        Line(good_sign, Role::good)
            .add(fmt::format(" {}, each as the chain says", count_of(files.size(), "file"))));
    answer.screen.push_back(fmt::format("  its chain ends in {}", end));
    answer.screen.push_back("  to be held against rca.collected in its rollback's journal");
  }
  answer.document = std::move(document);
  session.print(answer);
  return found.empty() ? Exit::done : Exit::bad;
}

}  // namespace stepback::cli
