// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/live_version.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "adapters/local/probe.hpp"
#include "adapters/local/process.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

Result<std::string> text_at(const std::string& body, const std::string& pointer) {
  const json::Value value = TRY(at_pointer(body, pointer));
  if (value.is_string()) return std::string(value.get_string());
  return fail(Code::invalid, fmt::format("the answer has no text at {}", one_line(pointer, 100)));
}

Result<Version> version_of(std::string_view text) {
  const auto version = parse_version(text);
  if (version) return *version;
  return fail(Code::invalid,
              fmt::format("it says \"{}\", which is not a version", one_line(text, 80)));
}

Result<Digest> digest_of(std::string_view text) {
  const bool plain = text.size() == 64 && std::ranges::all_of(text, [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
  if (plain) return Digest{std::string(text)};
  return fail(Code::invalid,
              fmt::format("it says \"{}\", which is not a digest", one_line(text, 80)));
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

void read_pointer_only(const Pointer& pointer, VersionSeen& seen) {
  seen.seen = pointer.settled && !pointer.version.empty();
  seen.version = pointer.version;
  seen.digest = pointer.digest;
  seen.detail = "by the pointer only: no address or command is configured to ask the service";
  if (!pointer.settled) seen.detail += "; what follows the switch has not happened yet";
}

}  // namespace

Result<VersionSeen> LiveVersions::read(const Environment& environment) {
  VersionSeen seen;
  const Pointer pointer = TRY(artifacts_.pointer(environment));
  seen.operation = pointer.operation;
  const auto source = std::ranges::find(config_.sources, environment, &VersionSource::environment);
  if (source == config_.sources.end() || (source->url.empty() && source->command.empty())) {
    read_pointer_only(pointer, seen);
    return seen;
  }
  const auto asked = source->url.empty() ? ask_command(*source, seen) : ask_url(*source, seen);
  seen.seen = asked.has_value();
  if (!asked) seen.detail = one_line(asked.error().message);
  return seen;
}

Result<> LiveVersions::ask_url(const VersionSource& source, VersionSeen& seen) {
  const Answer answer = TRY(ask(source.url, source.timeout, clock_));
  if (answer.status != 200) {
    return fail(Code::unavailable,
                fmt::format("asked for its version, it answered with status {}", answer.status));
  }
  const std::string version = TRY(text_at(answer.body, source.version_pointer));
  const Version parsed = TRY(version_of(version));
  if (!source.digest_pointer.empty()) {
    const std::string digest = TRY(text_at(answer.body, source.digest_pointer));
    seen.digest = TRY(digest_of(digest));
  }
  seen.version = parsed;
  seen.detail = "by its own answer";
  return {};
}

Result<> LiveVersions::ask_command(const VersionSource& source, VersionSeen& seen) {
  const Filling filling{{"environment", source.environment.name}};
  const Ended ended = TRY(run({.arguments = fill_in(source.command, filling),
                               .environment = {},
                               .directory = {},
                               .input = {},
                               .drop_errors = true,
                               .limit = source.timeout},
                              clock_));
  TRY(must_succeed(ended, "the version command"));
  if (ended.output.empty()) return fail(Code::invalid, "the version command printed nothing");
  seen.version = TRY(version_of(first_line(ended.output)));
  seen.detail = "by the version command";
  return {};
}

}  // namespace stepback::local
