// SPDX-License-Identifier: Apache-2.0
#pragma once

// Credentials that somebody else hands out: STS for a role, a container's or an instance's
// endpoint, a command. Inner to this room. One thread at a time.

#include "adapters/aws/credentials.hpp"

namespace stepback::aws {

struct Role {
  std::string arn;
  std::string session_name;
  std::string external_id;
  std::string seconds;  // how long they last; empty: STS decides
  std::string region;
};
// Signed with `by`, which may assume it.
Result<Credentials> assume_role(const Role& role, const Credentials& by, const Surroundings& around,
                                Instant now);
// Shown by a token, which a platform writes into a file; not signed.
Result<Credentials> assume_role_with_web_identity(const Role& role, const std::string& token,
                                                  const Surroundings& around);

// not_found: this is no container, or no instance.
Result<Credentials> of_container(const Surroundings& around);
Result<Credentials> of_instance(const Surroundings& around);

// What `credential_process` names: a command line, its words split as a shell would, without one.
Result<Credentials> of_command(const std::string& line, const Surroundings& around);
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace stepback::aws
