// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names and texts of the rooms that deliver: CodePipeline, CodeBuild, CloudFormation, Lambda. Inner
// to this room; any thread.

#include <string>
#include <string_view>

#include "adapters/aws/service.hpp"
#include "base/text.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws::delivery {

// "KiroPipelineCore-*" fits what begins so; without a star it is the whole name.
bool fits(std::string_view pattern, std::string_view name);

// A key of the plan as AWS takes it for tokens and names: a letter, then letters, digits, dashes.
// The same key gives the same token, in every process.
std::string token_of(std::string_view key);

// Text on its way to AWS, which takes no more than `longest` bytes and no control characters: those
// become spaces, and it is cut between two characters.
std::string cut_line(std::string_view text, std::size_t longest);

// An error that says what was being done: "asking for the pipeline: AccessDenied: ...". Without an
// answer it is a timeout: it may have happened.
std::unexpected<Error> refused(const Refusal& refusal, std::string_view deed);
bool is(const Refusal& refusal, std::string_view type);  // "Conflict" is a ConflictException too

}  // namespace stepback::aws::delivery
