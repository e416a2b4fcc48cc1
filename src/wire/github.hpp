// SPDX-License-Identifier: Apache-2.0
#pragma once

// A Notice as GitHub shows a deployment: a rollback is a deployment of the older version, with a
// status that follows it; when that is well, GitHub sets the one before inactive by itself. Used by
// the notifier that speaks to its API. Pure.

#include <optional>
#include <string>

#include "wire/notice.hpp"

namespace stepback {

// By which a rollback's deployment is found again: whoever asks twice makes one.
std::string github_task(const Notice& notice);
// To be created, if there is none yet. None: GitHub is not told of such a thing.
std::optional<std::string> github_deployment(const Notice& notice, const NoticeStyle& style);
// What has become of it.
std::optional<std::string> github_status(const Notice& notice, const NoticeStyle& style);

// At most so many bytes, cut between two words.
std::string cut_at_a_word(std::string_view text, std::size_t most);

}  // namespace stepback
