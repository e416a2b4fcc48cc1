// SPDX-License-Identifier: Apache-2.0
#pragma once

// Telling: what is said of a rollback, as it stands. Pure; the machine says it in the commit that
// makes it true, and people may have it said once more.

#include "domain/notice.hpp"

namespace stepback {

struct Telling {
  NoticeKind kind = NoticeKind::rollback_started;
  Severity severity = Severity::info;
  Environment environment;
  bool held = false;  // the rejected version is kept out there
};

// Everything that is known of it; the caller fills in what is its own.
Notice notice_about(const Rollback& rollback, const Telling& telling, Instant now);
// What its end adds.
void add_end(Notice& notice, const Rollback& rollback, Instant now);
bool ended_well(const Lane& lane);

// How it stands now, once more, on somebody's word: with a key of its own.
Notice tell_again(const Rollback& rollback, bool held, Instant now);

}  // namespace stepback
