// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/schema.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.hpp"

namespace stepback::sqlite {
namespace {

Result<std::size_t> version_of(Database& database) {
  const auto version = TRY(database.number("PRAGMA user_version"));
  return static_cast<std::size_t>(version);
}

// At one moment: somebody else may be making the schema while this looks.
Result<std::size_t> look_at_version(Database& database, std::size_t newest) {
  TRY(database.begin_reading());
  const std::size_t version = TRY(version_of(database));
  const auto owner = TRY(database.number("PRAGMA application_id"));
  const auto tables = TRY(database.number("SELECT count(*) FROM sqlite_schema"));
  if (owner != application_id && tables > 0) {
    return fail(Code::invalid, fmt::format("{} is a database of another program", database.path()));
  }
  if (version <= newest) return version;
  return fail(Code::invalid,
              fmt::format("store {} has schema {} of a newer stepback; this one knows up to {}: "
                          "install the newer stepback again, or restore the copy made before it "
                          "(its name ends in .before- and a number)",
                          database.path(), version, newest));
}

// Through a file of another name, so that a copy with the final name is a whole one.
Result<> keep_copy(Database& database, std::size_t next_version) {
  const std::string copy = fmt::format("{}.before-{}", database.path(), next_version);
  const std::string partial = copy + ".partial";
  ::unlink(partial.c_str());
  TRY(database.copy_to(partial));
  if (::chmod(partial.c_str(), S_IRUSR | S_IWUSR) != 0 ||
      ::rename(partial.c_str(), copy.c_str()) != 0) {
    return fail(Code::unavailable, "the copy " + copy + " could not be put into its place");
  }
  return {};
}

std::string new_instance() { return fmt::format("{:016x}{:016x}", entropy(), entropy()); }

Result<> apply(Database& database, std::span<const Migration> steps) {
  // Somebody else may have been here between the first look and the right to write.
  const std::size_t version = TRY(version_of(database));
  for (std::size_t i = version; i < steps.size(); ++i) {
    const auto applied = database.run_script(std::string(steps[i].sql));
    if (!applied) return fail(applied.error().during(steps[i].name));
    TRY(database.run_script(fmt::format("PRAGMA user_version = {}", i + 1)));
  }
  if (version > 0) return {};
  TRY(database.run_script(fmt::format("PRAGMA application_id = {}", application_id)));
  return database.run("INSERT INTO meta (id, instance, transactions, tally) VALUES (1, ?, 0, '')",
                      {new_instance()});
}

}  // namespace

Result<> bring_up_to_date(Database& database, std::span<const Migration> steps) {
  const auto looked = look_at_version(database, steps.size());
  database.roll_back();
  const std::size_t version = TRY(looked);
  if (version == steps.size()) return {};
  if (version > 0) TRY(keep_copy(database, version + 1));
  TRY(database.begin());
  auto result = apply(database, steps);
  if (result) result = database.commit();
  if (!result) database.roll_back();
  return result;
}

}  // namespace stepback::sqlite
