// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/absence.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

std::string address_of(const ObjectName& name) {
  return fmt::format("s3://{}/{}", one_line(name.bucket), one_line(name.key));
}

std::string advice_on_denial(const Error& error) {
  const auto names = [&](std::string_view word) { return error.message.contains(word); };
  if (names("KMS") || names("kms:"))
    return "let our role use the bucket's key: kms:Decrypt, and kms:GenerateDataKey to copy";
  if (names("InvalidObjectState"))
    return "it is archived: restore it first (aws s3api restore-object), which takes hours";
  return "let our role do s3:GetObject and s3:ListBucket there; without the latter, S3 says denied "
         "of what is not there, too";
}

}  // namespace

std::string explain_absence(S3& s3, const ObjectName& name) {
  const auto address = address_of(name);
  const auto found = s3.versions(name.bucket, name.key);
  if (!found)
    return fmt::format("{} is not there; whether it was deleted can't be seen ({})", address,
                       one_line(found.error().type));
  const auto is_its = [&](const ObjectVersion& version) { return version.key == name.key; };
  const auto marker = std::ranges::find_if(*found, [&](const ObjectVersion& version) {
    return is_its(version) && version.is_latest && version.is_delete_marker;
  });
  if (marker == found->end())
    return fmt::format(
        "{} is not there, and no older version of it is kept: it was never "
        "published, or it was deleted or expired for good",
        address);
  const bool is_kept = std::ranges::any_of(*found, [&](const ObjectVersion& version) {
    return is_its(version) && !version.is_delete_marker;
  });
  if (!is_kept)
    return fmt::format(
        "{} was deleted at {}, and its older versions have expired by a lifecycle "
        "rule: publish it again",
        address, one_line(marker->modified, 40));
  return fmt::format(
      "{} was deleted at {}, by somebody or a lifecycle rule, and can be restored: "
      "aws s3api delete-object --bucket {} --key {} --version-id {}",
      address, one_line(marker->modified, 40), one_line(name.bucket), one_line(name.key),
      one_line(marker->id, 100));
}

Result<ArtifactReport> report_on(S3& s3, const ObjectName& name, const Error& error) {
  switch (error.code) {
    case Code::not_found:
      return ArtifactReport{ArtifactState::missing, explain_absence(s3, name), 0};
    case Code::corrupt: return ArtifactReport{ArtifactState::altered, error.message, 0};
    case Code::denied:
      return ArtifactReport{
          ArtifactState::unreadable,
          fmt::format("{}: {}; {}", address_of(name), error.message, advice_on_denial(error)), 0};
    case Code::invalid:
    case Code::conflict:
    case Code::unavailable:
    case Code::timeout:
    case Code::internal: return fail(error);
  }
  std::unreachable();
}

}  // namespace stepback::aws
