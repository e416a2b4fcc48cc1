// SPDX-License-Identifier: Apache-2.0
#pragma once

// Parser: from words to nodes, by how strongly each word binds. Used by Expression only.

#include <string_view>

#include "jmespath/node.hpp"
#include "jmespath/problem.hpp"

namespace stepback::jmespath {

Outcome<Node> parsed(std::string_view expression);

}  // namespace stepback::jmespath
