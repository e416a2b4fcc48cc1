// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/known.hpp"

#include <algorithm>
#include <filesystem>

#include "adapters/sqlite/database.hpp"
#include "base/json.hpp"

namespace stepback::sqlite {
namespace {

constexpr Duration patience(100);
constexpr int newest = 50;  // more than anybody reads in a list

std::string version_in(const std::string& document) {
  const auto value = json::parse(document);
  if (!value) return {};
  return json::Reader(*value).text_or("version", "").value_or("");
}

}  // namespace

Result<Known> known_in(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return fail(Code::not_found, path + ": there are no records");
  auto database = TRY(Database::open({.path = path, .busy_timeout = patience, .only_reads = true}));
  Known known;
  auto deployments = TRY(database.query(
      "SELECT id, document FROM deployments ORDER BY sequence DESC LIMIT ?", {newest}));
  while (TRY(deployments.next())) {
    known.deployments.push_back(deployments.text(0));
    auto version = version_in(deployments.text(1));
    if (!version.empty() && std::ranges::find(known.versions, version) == known.versions.end())
      known.versions.push_back(std::move(version));
  }
  auto rollbacks =
      TRY(database.query("SELECT id FROM rollbacks ORDER BY sequence DESC LIMIT ?", {newest}));
  while (TRY(rollbacks.next())) known.rollbacks.push_back(rollbacks.text(0));
  return known;
}

}  // namespace stepback::sqlite
