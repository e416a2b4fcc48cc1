// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/incident_file.hpp"

#include <fmt/core.h>

#include "adapters/local/files.hpp"
#include "base/json.hpp"
#include "wire/incident.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
Result<std::string> IncidentFiles::open(const Notice& notice) {
  const auto incident = TRY(incident_name(notice));
  const std::string& directory = config_.directory;
  TRY(make_directories(directory));
  const std::string record = directory + "/" + incident + ".json";
  std::string path = directory + "/" + incident + ".md";
  const std::string rollback = notice.rollback ? notice.rollback->text : "";
  if (const auto there = read_file(record)) {
    const json::Value value = TRY(json::parse(*there));
    const std::string owner = TRY(json::Reader(value).text("rollback"));
    if (owner != rollback) {
      return fail(Code::conflict,
                  fmt::format("{} is the incident of {}", incident, one_line(owner)));
    }
  } else {
    std::string text = R"({"rollback":)";
    json::append_quoted(text, rollback);
    text += R"(,"key":)";
    json::append_quoted(text, notice.key);
    text += R"(,"notice":)" + json_of(notice, config_.style) + "}\n";
    TRY(replace_file(record, text));
  }
  // The page comes second: if it is there, all of it was made, and people may have written into it.
  const auto page = read_file(path);
  if (page || page.error().code != Code::not_found) return path;
  TRY(replace_file(path, incident_page(incident, notice, config_.style)));
  return path;
}

}  // namespace stepback::local
