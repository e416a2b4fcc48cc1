// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names and texts of the rooms that deliver: CodePipeline, CodeBuild, CloudFormation, Lambda. Inner
// to this room; any thread.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/aws/service.hpp"
#include "domain/deployment.hpp"

namespace stepback::aws::delivery {

using Filling = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Puts {environment} and the like into a configured pattern: once, so that what is put in can't
// smuggle in another name in braces.
std::string fill_in(std::string_view pattern, Filling filling);

// "KiroPipelineCore-*" fits what begins so; without a star it is the whole name.
bool fits(std::string_view pattern, std::string_view name);

// A key of the plan as AWS takes it for tokens and names: a letter, then letters, digits, dashes.
// The same key gives the same token, in every process.
std::string token_of(std::string_view key);

// Text from outside for one line of ours, or of AWS: control characters become spaces, and it is
// cut between characters.
std::string one_line(std::string_view text, std::size_t longest = 300);

// The last look before a name becomes part of another.
Result<> must_be_plain(const Environment& environment);
Result<> must_be_plain(const Version& version);

// An error that says what was being done: "asking for the pipeline: AccessDenied: ...". Without an
// answer it is a timeout: it may have happened.
std::unexpected<Error> refused(const Refusal& refusal, std::string_view deed);
bool is(const Refusal& refusal, std::string_view type);  // "Conflict" is a ConflictException too

}  // namespace stepback::aws::delivery
