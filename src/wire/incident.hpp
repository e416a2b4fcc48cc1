// SPDX-License-Identifier: Apache-2.0
#pragma once

// The page that people find when a rollback was escalated to them: what is known, and what to do
// first. The same in a folder and in a bucket. Pure; any thread.

#include <string>

#include "domain/notice.hpp"
#include "wire/notice.hpp"

namespace stepback {

// Its name: the notice's own, or its rollback's. invalid: neither can be part of a path.
Result<std::string> incident_name(const Notice& notice);
// Markdown; nothing that came from outside becomes a heading or a link in it.
std::string incident_page(const std::string& incident, const Notice& notice,
                          const NoticeStyle& style);

}  // namespace stepback
