// SPDX-License-Identifier: Apache-2.0
#pragma once

// Document schemas: the JSON Schema of each document that -o json prints. What the API answers too
// is described once, in its OpenAPI document; what only the command line prints is described beside
// it, in the same form. Each schema is made to stand alone. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace stepback::cli {

class DocumentSchemas {
 public:
  // `api` is the OpenAPI document.
  static Result<DocumentSchemas> read(std::string_view api);

  std::vector<std::string> names() const;  // "status", "rollback", ...: as in stepback/v1/NAME
  std::optional<json::Value> find(std::string_view name) const;

 private:
  explicit DocumentSchemas(json::Object shapes) : shapes_(std::move(shapes)) {}

  json::Object shapes_;  // of both, by their name there
};

}  // namespace stepback::cli
