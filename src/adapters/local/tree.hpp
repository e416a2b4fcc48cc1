// SPDX-License-Identifier: Apache-2.0
#pragma once

// A tree of files behind a directory handle: read into a manifest, copied, removed. Every step goes
// from a handle to one name in it and follows no link, so that nothing swapped in meanwhile leads
// out of the tree. Usable from any thread.

#include <string>

#include "adapters/local/files.hpp"
#include "base/result.hpp"
#include "wire/manifest.hpp"

namespace stepback::local {

// A directory in a directory, never through a link.
Result<Descriptor> open_child(const Descriptor& directory, const std::string& name);

enum class Reading { names_and_sizes, every_byte };

// What is there. invalid, naming it: a device, a socket, a pipe, a name that no manifest may hold,
// more than 100,000 entries, more than 64 directories deep.
Result<Manifest> read_tree(const Descriptor& tree, Reading reading);

// Copies into an empty directory: files as 0644 or 0755, links as they are; refuses what read_tree
// refuses and links that lead out of the tree or nowhere. Returns what was written, from the very
// bytes that were.
Result<Manifest> copy_tree(const Descriptor& from, const Descriptor& to);

// All that was written below is safe from a loss of power.
Result<> flush_tree(const Descriptor& tree);

// Removes `name` and all below it. None there is success.
Result<> remove_tree(const Descriptor& directory, const std::string& name);

}  // namespace stepback::local
