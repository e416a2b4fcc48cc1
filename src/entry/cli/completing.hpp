// SPDX-License-Identifier: Apache-2.0
#pragma once

// Completing: what may stand where a command line is being typed. The shells' scripts know nothing
// themselves: they ask `stepback __complete WORDS...`, whose last word is the one being typed, and
// get a line for each candidate, a tab and what it is. Names that are only known at run time come
// from the configuration and the records on this machine; what cannot be read is left out in
// silence. One thread.

#include <functional>
#include <string>
#include <vector>

#include "entry/cli/cli.hpp"

namespace stepback::cli {

using Knowing = std::function<KnownNames(const std::string& configuration)>;

// The lines for the shell. ":files" and ":directories" leave it to the shell.
std::string completions(const std::vector<std::string>& words, const Knowing& knowing);

// The script for bash, zsh or fish; empty for another shell.
std::string_view completion_script(std::string_view shell);

}  // namespace stepback::cli
