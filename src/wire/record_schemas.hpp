// SPDX-License-Identifier: Apache-2.0
#pragma once

// RecordSchemas: what the records look like outside, as JSON Schema, made of the same lists of
// fields that write and read them (shapes.hpp), so that what is published cannot drift from what is
// sent. For whatever describes our documents: the API's description is held against it. Pure.

#include <string_view>

#include "base/json.hpp"

namespace stepback {

// One schema for each record and each part of one, by its name: {"Rollback": {...}, "Lane": ...}.
// They refer to one another by `prefix` and the name ("#/components/schemas/Lane").
json::Object record_schemas(std::string_view prefix);

}  // namespace stepback
