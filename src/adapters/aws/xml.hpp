// SPDX-License-Identifier: Apache-2.0
#pragma once

// XML answers (STS, SNS, CloudFormation, S3), by pugixml: no entities are expanded, nothing is
// fetched. The answer must live as long as what was read from it. One thread at a time.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace stepback::aws {

class Xml {
 public:
  // corrupt: it is not one well-formed document.
  static Result<Xml> parse(std::string_view text);

  // The text below a path of names from here, "AssumeRoleResult/Credentials/AccessKeyId"; empty
  // when there is none.
  std::string text(std::string_view path) const;
  // Each element of that name below here.
  std::vector<Xml> all(std::string_view path) const;
  std::string name() const;  // of the element itself

 private:
  struct Document;
  struct Node;
  Xml(std::shared_ptr<Document> document, std::shared_ptr<Node> node);

  std::shared_ptr<Document> document_;  // shared: an element keeps its document
  std::shared_ptr<Node> node_;          // shared: cheap to copy
};

}  // namespace stepback::aws
