// SPDX-License-Identifier: Apache-2.0
#pragma once

// What S3 answers with, read: the headers of an object and the XML of its lists. A list may have
// 1,000 entries a page, so it is read straight from the tree. Inner to this room; pure.

#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/s3.hpp"

namespace stepback::aws {

ObjectFacts facts_of(const http::Response& response);

// One page; `next` is empty on the last. corrupt: it is no such list.
struct ListPage {
  std::vector<Listed> objects;
  std::string next;
};
Result<ListPage> read_list(std::string_view body, std::string_view prefix);

Result<std::vector<ExpiryRule>> read_lifecycle(std::string_view body);

// When an object goes, of what S3 says in x-amz-expiration: expiry-date="Fri, 23 Dec 2012 00:00:00
// GMT", rule-id="...".
std::optional<Instant> read_expiry(std::string_view header);

Result<std::vector<ObjectVersion>> read_versions(std::string_view body);

}  // namespace stepback::aws
