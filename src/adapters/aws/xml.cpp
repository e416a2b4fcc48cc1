// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/xml.hpp"

#include <pugixml.hpp>

namespace stepback::aws {

struct Xml::Document {
  pugi::xml_document tree;
};
struct Xml::Node {
  pugi::xml_node node;
};

namespace {

pugi::xml_node below(pugi::xml_node node, std::string_view path) {
  while (node && !path.empty()) {
    const auto slash = path.find('/');
    node = node.child(std::string(path.substr(0, slash)).c_str());
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return node;
}

}  // namespace

Xml::Xml(std::shared_ptr<Document> document, std::shared_ptr<Node> node)
    : document_(std::move(document)), node_(std::move(node)) {}

Result<Xml> Xml::parse(std::string_view text) {
  auto document = std::make_shared<Document>();
  const auto parsed = document->tree.load_buffer(text.data(), text.size());
  if (!parsed || !document->tree.document_element())
    return fail(Code::corrupt, std::string("not an XML answer: ") + parsed.description());
  auto node = std::make_shared<Node>(Node{document->tree.document_element()});
  return Xml(std::move(document), std::move(node));
}

std::string Xml::text(std::string_view path) const {
  return below(node_->node, path).child_value();
}

std::vector<Xml> Xml::all(std::string_view path) const {
  const auto slash = path.rfind('/');
  const auto parent =
      slash == std::string_view::npos ? node_->node : below(node_->node, path.substr(0, slash));
  const std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  std::vector<Xml> found;
  for (const auto child : parent.children(name.c_str()))
    found.push_back(Xml(document_, std::make_shared<Node>(Node{child})));
  return found;
}

std::string Xml::name() const { return node_->node.name(); }

}  // namespace stepback::aws
