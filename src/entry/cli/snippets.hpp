// SPDX-License-Identifier: Apache-2.0
#pragma once

// Snippets: what a pipeline must say to Stepback, as it can be pasted into a buildspec and into a
// GitHub workflow. Constant text, any thread.

#include <string_view>

namespace stepback::cli {

std::string_view snippets();

}  // namespace stepback::cli
