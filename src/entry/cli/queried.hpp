// SPDX-License-Identifier: Apache-2.0
#pragma once

// Queried: what --query picks from a command's document, ready for every output format. A table has
// two dimensions, so what a value nests stands below it, under the name it has. One thread.

#include <optional>
#include <string>

#include "base/json.hpp"
#include "entry/cli/session.hpp"

namespace stepback::cli {

// Whether it can be asked at all, before anything is touched.
std::optional<Complaint> complaint_about_query(const std::string& expression);

// The expression was asked for by the person and is sound.
Answered<Answer> queried(const std::string& expression, const json::Value& document,
                         bool with_header);

}  // namespace stepback::cli
