// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/archive.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/digest.hpp"
#include "documents/documents.hpp"
#include "entry/cli/render_postmortem.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

std::string whole(const json::Value& value) { return json::write(value) + "\n"; }

template <class T>
std::string lines_of(const std::vector<T>& records) {
  std::string text;
  for (const auto& each : records) text += to_document(each) + "\n";
  return text;
}

std::string journal_lines(const std::vector<StoredEntry>& journal) {
  std::string text;
  for (const auto& stored : journal) {
    json::Object line;
    line["sequence"] = stored.sequence;
    line["hash"] = json::Value(stored.hash);
    line["entry"] = to_json(stored.entry);
    text += whole(std::move(line));
  }
  return text;
}

std::string alarm_lines(const Environment& environment, const std::vector<AlarmSeen>& alarms) {
  std::string text;
  for (const auto& alarm : alarms) text += whole(alarm_document(environment, alarm));
  return text;
}

json::Value seen_document(const Observation& seen) {
  json::Array health;
  for (const auto& probe : seen.health) {
    json::Object object;
    object["name"] = json::Value(probe.name);
    object["healthy"] = probe.healthy;
    object["detail"] = json::Value(probe.detail);
    health.push_back(std::move(object));
  }
  json::Array logs;
  for (const auto& log : seen.logs) {
    json::Object object;
    object["name"] = json::Value(log.name);
    object["lines"] = log.lines;
    object["errors"] = log.errors;
    object["detail"] = json::Value(log.detail);
    object["samples"] = json::Array(log.samples.begin(), log.samples.end());
    logs.push_back(std::move(object));
  }
  json::Object document;
  document["schema"] = "stepback/v1/observation";
  document["at"] = json::Value(to_rfc3339(seen.at));
  document["health"] = std::move(health);
  document["logs"] = std::move(logs);
  if (seen.version) document["version"] = json::Value(seen.version->version.text);
  document["notSeen"] = json::Array(seen.unseen.begin(), seen.unseen.end());
  return document;
}

struct Link {
  std::string file;
  std::string digest;
  std::string end;
};

std::string end_after(const std::string& before, const Link& link) {
  return sha256_hex(fmt::format("{} {} {}", before, link.digest, link.file));
}

std::string line_of(const Link& link) {
  json::Object line;
  line["file"] = json::Value(link.file);
  line["sha256"] = json::Value(link.digest);
  line["chain"] = json::Value(link.end);
  return json::write(line);
}

Result<std::vector<Link>> links_in(std::string_view chain) {
  std::vector<Link> links;
  std::string before;
  while (!chain.empty()) {
    const auto end = std::min(chain.find('\n'), chain.size());
    const auto value = TRY(json::parse(chain.substr(0, end)));
    const json::Reader line(value);
    Link link{.file = TRY(line.text("file"))};
    link.digest = TRY(line.text("sha256"));
    link.end = TRY(line.text("chain"));
    if (link.end != end_after(before, link))
      return fail(Code::corrupt, fmt::format("the chain was changed where it names {}", link.file));
    before = link.end;
    links.push_back(std::move(link));
    chain.remove_prefix(std::min(end + 1, chain.size()));
  }
  return links;
}

}  // namespace

std::vector<ArchiveFile> archive_of(const Evidence& evidence) {
  const auto& rollback = evidence.view.rollback;
  std::vector<ArchiveFile> files;
  files.push_back({"post-mortem.md", postmortem(evidence)});
  files.push_back({"rollback.json", whole(to_json(rollback))});
  files.push_back({"journal.jsonl", journal_lines(evidence.view.journal)});
  files.push_back({"triggers.jsonl", lines_of(evidence.view.triggers)});
  files.push_back({"events.jsonl", lines_of(evidence.events)});
  files.push_back({"deployments.jsonl", lines_of(evidence.deployments)});
  files.push_back({"history.jsonl", lines_of(evidence.history)});
  files.push_back({"elsewhere.jsonl", lines_of(evidence.elsewhere)});
  files.push_back({"rollbacks.jsonl", lines_of(evidence.rollbacks)});
  files.push_back({"alarms.jsonl", alarm_lines(rollback.environment, evidence.now.alarms)});
  files.push_back({"seen.json", whole(seen_document(evidence.now))});
  return files;
}

Chain chain_of(const std::vector<ArchiveFile>& files) {
  Chain chain;
  for (const auto& file : files) {
    Link link{.file = file.name, .digest = sha256_hex(file.bytes)};
    chain.end = link.end = end_after(chain.end, link);
    chain.text += line_of(link) + "\n";
  }
  return chain;
}

Result<Proof> prove(std::string_view chain, const std::vector<ArchiveFile>& files) {
  const auto links = TRY(links_in(chain));
  Proof proof;
  if (!links.empty()) proof.end = links.back().end;
  for (const auto& link : links) {
    const auto file = std::ranges::find(files, link.file, &ArchiveFile::name);
    if (file == files.end()) {
      proof.differences.push_back(link.file + " is missing");
    } else if (sha256_hex(file->bytes) != link.digest) {
      proof.differences.push_back(link.file + " is not as it was collected");
    }
  }
  for (const auto& file : files) {
    if (std::ranges::find(links, file.name, &Link::file) == links.end())
      proof.differences.push_back(file.name + " was added");
  }
  return proof;
}

}  // namespace stepback::cli
