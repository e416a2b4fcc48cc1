// SPDX-License-Identifier: Apache-2.0
#include "wire/pattern.hpp"

#include "base/id.hpp"

namespace stepback {

Result<> must_be_plain(const Environment& environment) {
  if (is_plain_token(environment.name)) return {};
  return fail(Code::invalid, "not the name of an environment: " + one_line(environment.name));
}

Result<> must_be_plain(const Version& version) {
  if (is_plain_token(version.text, 128) && version.text.find("..") == std::string::npos) return {};
  return fail(Code::invalid, "not a version: " + one_line(version.text));
}

Result<> must_be_plain_reference(const std::string& reference) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+/=";
  const bool is_plain = !reference.empty() && reference.size() <= 1024 &&
                        reference.find_first_not_of(allowed) == std::string::npos &&
                        !reference.contains("../") && !reference.ends_with("/..") &&
                        reference.front() != '-' && reference.front() != '/';
  if (is_plain) return {};
  return fail(Code::invalid, "not a version of the infrastructure: " + one_line(reference));
}

}  // namespace stepback
