// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/credentials.hpp"

#include "adapters/aws/roles.hpp"
#include "adapters/aws/surroundings.hpp"

namespace stepback::aws {
namespace {

constexpr Duration fetched_before = minutes(5);  // they run out
constexpr int longest_chain = 5;                 // of profiles that name each other

std::string entry(const Profile& profile, const std::string& name) {
  const auto found = profile.find(name);
  return found == profile.end() ? std::string() : found->second;
}

// The search itself; it lives for one search.
class Search {
 public:
  Search(const Surroundings& around, Instant now) : around_(around), now_(now) {}

  Result<Credentials> all() {
    if (around_.profile.empty()) {
      if (auto keys = of_variables(); keys.key_id != "") return keys;
    }
    if (auto found = of_web_identity_variables(); is_there(found)) return found;
    const auto name = profile_name(around_);
    const bool wanted = !around_.profile.empty() || variable(around_, "AWS_PROFILE");
    if (auto found = of_profile(name, 0); is_there(found) || wanted) return found;
    if (auto found = of_container(around_); is_there(found)) return found;
    if (auto found = of_instance(around_); is_there(found)) return found;
    return fail(Code::denied,
                "no AWS credentials: none in the variables, in the profile " + name +
                    ", from a container or an instance. Try: aws configure, or set AWS_PROFILE");
  }

 private:
  static bool is_there(const Result<Credentials>& found) {
    return found || found.error().code != Code::not_found;
  }

  Credentials of_variables() const {
    const auto key_id = variable(around_, "AWS_ACCESS_KEY_ID");
    const auto secret = variable(around_, "AWS_SECRET_ACCESS_KEY");
    if (!key_id || !secret) return {};
    return {.key_id = *key_id,
            .secret = Secret(*secret),
            .session_token = Secret(variable(around_, "AWS_SESSION_TOKEN").value_or("")),
            .from = "the variables"};
  }

  Role role_of(const std::string& arn, const std::string& session_name) const {
    return {.arn = arn,
            .session_name = session_name.empty() ? "stepback" : session_name,
            .region = region_of(around_)};
  }

  Result<Credentials> of_web_identity_variables() const {
    const auto file = variable(around_, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto arn = variable(around_, "AWS_ROLE_ARN");
    if (!file || !arn) return fail(Code::not_found, "no web identity");
    return assume_role_with_web_identity(
        role_of(*arn, variable(around_, "AWS_ROLE_SESSION_NAME").value_or("")),
        TRY(around_.read_file(*file)), around_);
  }

  Result<Credentials> of_profile(const std::string& name, int depth) {
    if (depth == longest_chain)
      return fail(Code::invalid, "the profile " + name + " is its own source");
    const auto profile = TRY(profile_named(name, around_));
    auto found = read(name, profile, depth);
    if (found && found->from.empty()) found->from = "the profile " + name;
    return found;
  }

  Result<Credentials> read(const std::string& name, const Profile& profile, int depth) {
    if (const auto arn = entry(profile, "role_arn"); !arn.empty())
      return of_role(name, profile, arn, depth);
    Credentials keys{.key_id = entry(profile, "aws_access_key_id"),
                     .secret = Secret(entry(profile, "aws_secret_access_key")),
                     .session_token = Secret(entry(profile, "aws_session_token"))};
    if (!keys.key_id.empty() && !keys.secret.empty()) return keys;
    if (const auto command = entry(profile, "credential_process"); !command.empty())
      return of_command(command, around_);
    if (profile.contains("sso_session") || profile.contains("sso_start_url")) {
      // The sign-on and its cache are awscli's; it prints what it holds.
      auto command = "aws configure export-credentials --format process --profile '" + name + "'";
      return of_command(command, around_);
    }
    return fail(Code::not_found, "the profile " + name + " has no credentials");
  }

  Result<Credentials> of_role(const std::string& name, const Profile& profile,
                              const std::string& arn, int depth) {
    auto role = role_of(arn, entry(profile, "role_session_name"));
    role.external_id = entry(profile, "external_id");
    role.seconds = entry(profile, "duration_seconds");
    if (const auto own = entry(profile, "region"); role.region.empty()) role.region = own;
    if (const auto file = entry(profile, "web_identity_token_file"); !file.empty())
      return assume_role_with_web_identity(role, TRY(around_.read_file(file)), around_);
    const auto by = TRY(source_of(name, profile, depth));
    return assume_role(role, by, around_, now_);
  }

  // Who may assume the role.
  Result<Credentials> source_of(const std::string& name, const Profile& profile, int depth) {
    const auto kind = entry(profile, "credential_source");
    if (kind == "Environment") {
      if (auto keys = of_variables(); !keys.key_id.empty()) return keys;
      return fail(Code::denied, "the profile " + name + " wants keys from the variables");
    }
    if (kind == "EcsContainer") return of_container(around_);
    if (kind == "Ec2InstanceMetadata") return of_instance(around_);
    const auto source = entry(profile, "source_profile");
    if (source.empty()) {
      return fail(Code::invalid, "the profile " + name +
                                     " has a role_arn and no source_profile, credential_source or "
                                     "web_identity_token_file");
    }
    if (source != name) return of_profile(source, depth + 1);
    // A profile may hold the keys that assume its own role.
    Profile own = profile;
    own.erase("role_arn");
    return read(name, own, depth + 1);
  }

  const Surroundings& around_;
  Instant now_;
};

}  // namespace

Result<Credentials> CredentialSource::find() { return Search(around_, clock_.now()).all(); }

void CredentialSource::forget() {
  const std::lock_guard lock(mutex_);
  known_.reset();
}

Result<Credentials> CredentialSource::get() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  if (known_ && (!known_->expires_at || now < *known_->expires_at - fetched_before)) return *known_;
  auto found = find();
  if (found) {
    known_ = *found;
  } else if (known_ && now < *known_->expires_at) {
    return *known_;
  }
  return found;
}

}  // namespace stepback::aws
