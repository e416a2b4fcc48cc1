// SPDX-License-Identifier: Apache-2.0
#include "app/config.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "app/config_checks.hpp"
#include "app/config_reading.hpp"
#include "app/schema.hpp"

namespace stepback {
namespace {

constexpr std::size_t most_secret_bytes = 4096;

enum class Readers { anybody, owner_only };

Error failure(std::string_view deed, const std::string& path) {
  const Code code = errno == ENOENT || errno == ENOTDIR ? Code::not_found
                    : errno == EACCES || errno == EPERM ? Code::denied
                                                        : Code::unavailable;
  return {code, fmt::format("{} {}: {}", deed, path, std::strerror(errno))};
}

Result<> check_file(int file, const std::string& path, Readers readers) {
  struct stat status{};
  if (fstat(file, &status) != 0) return fail(failure("look at", path));
  if (!S_ISREG(status.st_mode)) return fail(Code::invalid, path + ": not a file");
  if ((status.st_mode & S_IWOTH) != 0) {
    return fail(Code::denied, fmt::format("{}: anybody may write to it; chmod o-w {}", path, path));
  }
  const bool is_open = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  if (readers == Readers::owner_only && is_open) {
    return fail(Code::denied, fmt::format("{}: others may read it; chmod 600 {}", path, path));
  }
  return {};
}

// At most one byte more than `most`, so that the caller can tell.
Result<std::string> read_open(int file, const std::string& path, std::size_t most) {
  std::string bytes;
  std::array<char, std::size_t{16} * 1024> part{};
  while (bytes.size() <= most) {
    const auto got = ::read(file, part.data(), std::min(part.size(), most + 1 - bytes.size()));
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(failure("read", path));
    bytes.append(part.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

Result<std::string> read_file(const std::string& path, std::size_t most, Readers readers) {
  // Neither through a link, which another may turn, nor waiting for a pipe.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0 && errno == ELOOP) {
    return fail(Code::denied, path + ": a link; name the file it leads to");
  }
  if (file < 0) return fail(failure("open", path));
  auto fine = check_file(file, path, readers);
  auto bytes = fine ? read_open(file, path, most) : fail(std::move(fine).error());
  ::close(file);
  return bytes;
}

}  // namespace

Environments Config::names() const {
  Environments names;
  for (const auto& environment : environments) names.push_back(environment.environment);
  return names;
}

const EnvironmentConfig* Config::find(const Environment& environment) const {
  const auto found = std::ranges::find(environments, environment, &EnvironmentConfig::environment);
  return found == environments.end() ? nullptr : &*found;
}

bool Config::uses_aws() const {
  const bool named = !aws.queue.empty() || !aws.rule.empty() || !aws.function.empty();
  if (records.kind == RecordsKind::dynamodb || named || !incidents_bucket.empty()) return true;
  const auto on_aws = [](const NotifyConfig& channel) {
    return channel.kind == NotifyKind::sns || channel.kind == NotifyKind::metrics;
  };
  const auto in_aws = [](const EnvironmentConfig& each) {
    return each.application.kind == ApplicationKind::s3 || each.cloudwatch ||
           (each.pipeline && each.pipeline->kind == PipelineKind::codepipeline) ||
           (each.infrastructure && each.infrastructure->kind != InfrastructureKind::command);
  };
  return std::ranges::any_of(notify, on_aws) || std::ranges::any_of(environments, in_aws);
}

Result<Config> parse_config(const ConfigText& text, const Variables& variables) {
  Findings findings(text.file);
  const YamlDocument document = parse_yaml(text.text, variables, findings);
  if (!document.value.is_object()) {
    if (findings.empty()) findings.add({.line = 1, .column = 1}, "expected a map of settings");
    return fail(findings.to_error());
  }
  check_schema(document, findings);
  if (!findings.empty()) return fail(findings.to_error());  // values of the wrong shape say little
  Config config = read_config({document, findings, text.directory});
  check_config(config, findings);
  if (!findings.empty()) return fail(findings.to_error());
  return config;
}

Result<Config> load_config(const std::string& path, const Variables& variables) {
  auto text = TRY(read_file(path, YamlLimits{}.bytes, Readers::anybody));
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (error) return fail(Code::unavailable, fmt::format("{}: {}", path, error.message()));
  return parse_config({std::move(text), path, absolute.parent_path().string()}, variables);
}

Variables variables_of_process() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Result<Secret> read_secret(const SecretReference& reference, const Variables& variables) {
  std::string text;
  if (reference.from == SecretReference::From::variable) {
    const auto found = variables.find(reference.name);
    if (found == variables.end()) {
      return fail(Code::not_found, fmt::format("the variable {} is not set", reference.name));
    }
    text = found->second;
  } else {
    text = TRY(read_file(reference.name, most_secret_bytes, Readers::owner_only));
    if (text.ends_with('\n')) text.pop_back();
  }
  if (text.empty() || text.size() > most_secret_bytes) {
    return fail(Code::invalid, fmt::format("the secret in {} has {} bytes, expected 1 to {}",
                                           reference.name, text.size(), most_secret_bytes));
  }
  return Secret(std::move(text));
}

}  // namespace stepback
