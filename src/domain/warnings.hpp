// SPDX-License-Identifier: Apache-2.0
#pragma once

// Warnings: what people are told before anything happens: that an environment could not be rolled
// back any more, and that nobody has seen it work for too long. Pure.

#include <optional>

#include "domain/notice.hpp"
#include "domain/readiness.hpp"

namespace stepback {

// It was ready, and is not any more, although nothing is under way; told once, with what stands
// against it and what mends it.
std::optional<Notice> readiness_lost(const Environment& environment, const Readiness& before,
                                     const Readiness& now, Instant at);

// It may be rehearsed, and was last seen to work longer ago than `proof_lasts`; told once for each
// last time.
std::optional<Notice> drill_due(const Environment& environment, const Readiness& readiness,
                                bool is_protected, Instant now);

}  // namespace stepback
