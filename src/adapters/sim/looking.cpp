// SPDX-License-Identifier: Apache-2.0
#include "adapters/sim/looking.hpp"

#include <algorithm>

namespace stepback {
namespace {

std::unexpected<Error> not_now() { return fail(Code::unavailable, "throttled"); }

}  // namespace

Result<std::vector<Shelved>> SimLooking::list(const Environment& environment, std::size_t limit) {
  if (down) return not_now();
  auto all = shelves[environment];
  if (all.size() > limit) all.resize(limit);
  return all;
}

Result<Shelved> SimLooking::find(const Environment& environment, const Version& version) {
  if (down) return not_now();
  const auto& all = shelves[environment];
  const auto found = std::ranges::find(all, version, &Shelved::version);
  if (found != all.end()) return *found;
  return fail(Code::not_found, version.text + " is not there");
}

Result<Missing> SimLooking::missing(const Environment&, const Version& version) {
  if (down) return not_now();
  const auto found = gone.find(version.text);
  return found == gone.end() ? Missing{.since = {}, .detail = "there is nothing"} : found->second;
}

Result<std::string> SimLooking::restore(const Environment&, const Version& version) {
  if (down) return not_now();
  const auto found = gone.find(version.text);
  if (found == gone.end() || !found->second.restorable)
    return fail(Code::not_found, "nothing is kept of " + version.text);
  gone.erase(found);
  restored.push_back(version.text);
  return "3 objects are there again";
}

Result<ShelfRules> SimLooking::rules(const Environment&) {
  if (down) return not_now();
  return shelf_rules;
}

// As the pretend account publishes: what a directory holds is called as the directory is.
Result<Digest> SimLooking::digest_of(const Environment&, const std::string& directory) {
  if (down) return not_now();
  const auto found = contents.find(directory);
  if (found == contents.end()) return fail(Code::not_found, "there is no directory " + directory);
  return found->second;
}

Result<std::vector<LogLine>> SimLooking::read_lines(const LogQuery& query) {
  if (down) return not_now();
  std::vector<LogLine> all;
  for (const auto& line : lines[query.environment]) {
    if (line.at < query.since || line.at >= query.until) continue;
    if (!query.errors_only || line.is_error) all.push_back(line);
  }
  if (all.size() > query.limit)
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(query.limit));
  return all;
}

Result<PipelineSeen> SimLooking::look_at_pipeline(const Environment& environment) {
  if (down) return not_now();
  return pipelines[environment];
}

Result<std::vector<AlarmTurn>> SimLooking::turns(const Environment& environment, Instant since,
                                                 Instant until) {
  if (down) return not_now();
  auto all = turned[environment];
  std::erase_if(all, [&](const AlarmTurn& turn) { return turn.at < since || turn.at >= until; });
  return all;
}

Result<std::vector<SourceCommit>> SimLooking::commits(const Environment& environment, Instant since,
                                                      std::size_t limit) {
  if (down) return not_now();
  auto all = sources[environment];
  std::erase_if(all, [&](const SourceCommit& commit) { return commit.at < since; });
  if (all.size() > limit) all.resize(limit);
  return all;
}

Result<std::string> SimLooking::differences(const Environment&, const Version& from,
                                            const Version& to) {
  if (down) return not_now();
  return "from " + from.text + " to " + to.text + ": app.js | 3 +++";
}

Result<bool> SimLooking::knows(const Environment& environment, const Version& version) {
  if (down) return not_now();
  return std::ranges::any_of(sources[environment], [&](const SourceCommit& commit) {
    return same_commit(Version{commit.id}, version) || commit.id == version.text;
  });
}

std::vector<WireSeen> SimLooking::look_at_wiring(const Environment& environment) {
  return wires[environment];
}

}  // namespace stepback
