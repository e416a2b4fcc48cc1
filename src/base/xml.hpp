// SPDX-License-Identifier: Apache-2.0
#pragma once

// XML: answers of AWS and reports of tools, by pugixml. No entities are expanded, nothing is
// fetched, and size and nesting are looked at before anything is built. An element keeps its
// document alive. Used by adapters and readers of reports; one thread at a time.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pugi {
struct xml_node_struct;
}

namespace stepback {

struct XmlLimits {
  std::size_t bytes = std::size_t{32} * 1024 * 1024;
  std::size_t depth = 64;
  std::size_t parts = 4'000'000;  // elements and attributes: what memory is taken for
};

class Xml {
 public:
  // invalid: beyond the limits, or with a document type of its own. corrupt: not one well-formed
  // document, with nothing but comments around its one element.
  static Result<Xml> parse(std::string_view text, XmlLimits limits = {});

  std::string_view name() const;  // of the element itself

  // The text below a path of names from here, "AssumeRoleResult/Credentials/AccessKeyId"; empty
  // when there is none. Without a path the element's own.
  std::string text(std::string_view path) const;
  std::string_view text() const;

  std::optional<std::string_view> attribute(std::string_view name) const;
  std::string_view attribute_or(std::string_view name, std::string_view fallback) const;

  // Each element of that name below a path from here; the last name is theirs.
  std::vector<Xml> all(std::string_view path) const;
  std::vector<Xml> children() const;
  std::optional<Xml> child(std::string_view name) const;  // the first one

  // Each element below here in the document's order, without recursion; a child has depth 1.
  void walk(const std::function<void(const Xml&, std::size_t depth)>& visit) const;

 private:
  struct Document;
  Xml(std::shared_ptr<Document> document, pugi::xml_node_struct* node)
      : document_(std::move(document)), node_(node) {}

  std::shared_ptr<Document> document_;  // shared: an element keeps its document
  pugi::xml_node_struct* node_;
};

}  // namespace stepback
