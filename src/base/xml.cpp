// SPDX-License-Identifier: Apache-2.0
#include "base/xml.hpp"

#include <fmt/core.h>
#include <pugixml.hpp>

namespace stepback {

struct Xml::Document {
  pugi::xml_document tree;
};

namespace {

constexpr std::string_view white_space = " \t\r\n";

// Reads over the text once and follows its tags, so that a tree is only built of what is within
// the limits. Whatever the builder would take more leniently than it says is refused here.
class Shape {
 public:
  Shape(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  Result<> check() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (true) {
      const auto tag = text_.find('<', at_);
      TRY(check_between(text_.substr(at_, tag - at_)));
      if (tag == std::string_view::npos) break;
      at_ = tag;
      TRY(take_markup());
    }
    at_ = text_.size();
    if (!has_root_) return wrong("there is no element");
    if (depth_ > 0) return wrong("it ends too early");
    return {};
  }

 private:
  std::unexpected<Error> wrong(std::string_view why, Code code = Code::corrupt) const {
    return fail(code, fmt::format("XML, byte {}: {}", at_, why));
  }

  Result<> check_between(std::string_view between) const {
    const bool outside = depth_ == 0;
    if (outside && between.find_first_not_of(white_space) != std::string_view::npos)
      return wrong(has_root_ ? "something follows the document" : "it does not begin as XML");
    return {};
  }

  bool comes(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }

  Result<> take_markup() {
    if (comes("<!--")) return skip_to("-->", 4);
    if (comes("<?")) return skip_to("?>", 2);
    if (comes("<![CDATA[")) {
      if (depth_ == 0) return wrong("text outside of the document");
      return skip_to("]]>", 9);
    }
    if (comes("<!")) return skip_document_type();
    if (comes("</")) return take_end();
    return take_start();
  }

  Result<> skip_to(std::string_view end, std::size_t from) {
    const auto found = text_.find(end, at_ + from);
    if (found == std::string_view::npos) return wrong("it ends too early");
    at_ = found + end.size();
    return {};
  }

  // The next '>' outside of quotes. `seen` is told of each character that is not in quotes.
  template <class Seen>
  Result<std::size_t> end_of_tag(Seen seen) const {
    char quote = 0;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return i;
      } else {
        seen(c);
      }
    }
    return wrong("it ends too early");
  }

  // Named by an address it is only a name; one written out can define entities.
  Result<> skip_document_type() {
    bool written_out = false;
    const auto end =
        TRY(end_of_tag([&](char c) { written_out = written_out || c == '[' || c == '<'; }));
    if (written_out) return wrong("it brings a document type of its own", Code::invalid);
    if (has_root_) return wrong("a document type in the middle");
    at_ = end + 1;
    return {};
  }

  Result<> take_end() {
    if (depth_ == 0) return wrong("an element ends that did not begin");
    --depth_;
    return skip_to(">", 2);
  }

  Result<> take_start() {
    std::size_t attributes = 0;
    const auto end = TRY(end_of_tag([&](char c) { attributes += c == '=' ? 1 : 0; }));
    parts_ += 1 + attributes;
    if (parts_ > limits_.parts) return wrong("it has too many parts", Code::invalid);
    if (depth_ == 0 && has_root_) return wrong("a second document follows the first");
    has_root_ = true;
    if (depth_ == limits_.depth) return wrong("it is nested too deeply", Code::invalid);
    if (text_[end - 1] != '/') ++depth_;
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  const XmlLimits& limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t parts_ = 0;
  bool has_root_ = false;
};

pugi::xml_node below(pugi::xml_node node, std::string_view path) {
  while (node && !path.empty()) {
    const auto slash = path.find('/');
    node = node.child(std::string(path.substr(0, slash)).c_str());
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return node;
}

bool is_element(const pugi::xml_node& node) { return node.type() == pugi::node_element; }

pugi::xml_node element_from(pugi::xml_node node) {
  while (node && !is_element(node)) node = node.next_sibling();
  return node;
}

}  // namespace

Result<Xml> Xml::parse(std::string_view text, XmlLimits limits) {
  if (text.size() > limits.bytes) {
    return fail(Code::invalid,
                fmt::format("XML of {} bytes: at most {} are read", text.size(), limits.bytes));
  }
  // The builder takes one for the end; UTF-16 is full of them.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos)
    return fail(Code::corrupt, fmt::format("XML, byte {}: a zero byte; it is not UTF-8", zero));
  TRY(Shape(text, limits).check());
  auto document = std::make_shared<Document>();
  const auto parsed = document->tree.load_buffer(text.data(), text.size());
  const auto root = document->tree.document_element();
  if (!parsed || !root) {
    return fail(Code::corrupt,
                fmt::format("XML, byte {}: {}", parsed.offset, parsed.description()));
  }
  return Xml(std::move(document), root.internal_object());
}

std::string_view Xml::name() const { return pugi::xml_node(node_).name(); }

std::string Xml::text(std::string_view path) const {
  return below(pugi::xml_node(node_), path).child_value();
}

std::string_view Xml::text() const { return pugi::xml_node(node_).child_value(); }

std::optional<std::string_view> Xml::attribute(std::string_view name) const {
  for (const auto each : pugi::xml_node(node_).attributes()) {
    if (each.name() == name) return each.value();
  }
  return std::nullopt;
}

std::string_view Xml::attribute_or(std::string_view name, std::string_view fallback) const {
  return attribute(name).value_or(fallback);
}

std::vector<Xml> Xml::all(std::string_view path) const {
  const auto slash = path.rfind('/');
  const pugi::xml_node here(node_);
  const auto parent = slash == std::string_view::npos ? here : below(here, path.substr(0, slash));
  const std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  std::vector<Xml> found;
  for (const auto child : parent.children(name.c_str()))
    found.push_back(Xml(document_, child.internal_object()));
  return found;
}

std::vector<Xml> Xml::children() const {
  std::vector<Xml> found;
  for (const auto child : pugi::xml_node(node_).children()) {
    if (is_element(child)) found.push_back(Xml(document_, child.internal_object()));
  }
  return found;
}

std::optional<Xml> Xml::child(std::string_view name) const {
  const auto found = below(pugi::xml_node(node_), name);
  if (!found) return std::nullopt;
  return Xml(document_, found.internal_object());
}

void Xml::walk(const std::function<void(const Xml&, std::size_t depth)>& visit) const {
  const pugi::xml_node top(node_);
  std::size_t depth = 1;
  auto node = element_from(top.first_child());
  while (node) {
    visit(Xml(document_, node.internal_object()), depth);
    if (const auto deeper = element_from(node.first_child())) {
      node = deeper;
      ++depth;
      continue;
    }
    while (node != top && !element_from(node.next_sibling())) {
      node = node.parent();
      --depth;
    }
    if (node == top) return;
    node = element_from(node.next_sibling());
  }
}

}  // namespace stepback
