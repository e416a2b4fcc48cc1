// SPDX-License-Identifier: Apache-2.0
#pragma once

// A Notice as people and other programs read it: a subject, a text, and the JSON of the runbook.
// The JSON begins with the runbook's eight keys in its order; a completed manual rollback has those
// and nothing else, as the runbook's own script writes it. Used by every notifier. Pure.

#include <string>

#include "domain/notice.hpp"

namespace stepback {

struct NoticeStyle {
  std::string service;  // named in the text; may be empty
  std::string details;  // address of the pages, "https://stepback.example.com"; empty: no link
};

// "rollback_started", or "manual_rollback_completed" for a completed manual one.
std::string event_of(const Notice& notice);

// Below 100 printable ASCII characters on one line.
std::string subject_of(const Notice& notice);

// Plain text, some lines: what, where, from and to, how long, why, what next. What came from
// outside is on one line and cut.
std::string text_of(const Notice& notice, const NoticeStyle& style);

// Where its rollback is shown; empty: nowhere.
std::string details_of(const Notice& notice, const NoticeStyle& style);

// One line.
std::string json_of(const Notice& notice, const NoticeStyle& style);

}  // namespace stepback
