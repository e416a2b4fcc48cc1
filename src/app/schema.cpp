// SPDX-License-Identifier: Apache-2.0
#include "app/schema.hpp"

#include <fmt/core.h>

#include <exception>
#include <set>
#include <string>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "app/explanation.hpp"
#include "base/ensure.hpp"
#include "base/json.hpp"

namespace stepback {
namespace {

using Adapter = valijson::adapters::BoostJsonAdapter;

// Valijson's path ("<root>", "[environments]", "[0]") as ours.
std::vector<std::string> tokens_of(const std::vector<std::string>& context) {
  std::vector<std::string> tokens;
  for (const auto& part : context) {
    if (part.size() >= 2 && part.front() == '[') tokens.push_back(part.substr(1, part.size() - 2));
  }
  return tokens;
}

void check(const json::Value& schema_text, const YamlDocument& document, Findings& findings) {
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(Adapter(schema_text), schema);
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(schema, Adapter(document.value), &results)) return;
  std::set<std::vector<std::string>> places;
  for (const auto& error : results) places.insert(tokens_of(error.context));
  // The errors of containers repeat those of what is in them; nothing is found there, then.
  bool explained = false;
  for (const auto& place : places) {
    explained = explain(schema_text, document, place, findings) || explained;
  }
  if (explained) return;
  for (const auto& error : results) {
    findings.add(document.mark(path_of(tokens_of(error.context))), error.description);
  }
}

}  // namespace

void check_schema(const YamlDocument& document, Findings& findings) {
  const auto schema = json::parse(config_schema());
  ENSURE(schema.has_value());
  try {
    check(*schema, document, findings);
  } catch (const std::exception& error) {  // the library's way to say that the schema is wrong
    findings.add({}, fmt::format("the configuration could not be checked: {}", error.what()));
  }
}

}  // namespace stepback
