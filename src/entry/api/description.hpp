// SPDX-License-Identifier: Apache-2.0
#pragma once

// The API as OpenAPI 3.1 describes it: openapi.json beside this, which is part of the program. The
// dashboard's types are made from it, and tests hold every answer against it.

#include <string_view>

namespace stepback {

std::string_view api_description();

}  // namespace stepback
