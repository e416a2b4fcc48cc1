// SPDX-License-Identifier: Apache-2.0
#include "base/xml.hpp"

#include <gtest/gtest.h>

namespace stepback {
namespace {

std::string refusal(std::string_view text, XmlLimits limits = {}) {
  const auto parsed = Xml::parse(text, limits);
  return parsed ? "" : parsed.error().message;
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}

TEST(XmlDocument, GivesTextsAndAttributesByTheirNames) {
  const auto xml = Xml::parse(R"(<?xml version="1.0"?><!-- a > b -->
    <list count="2"><item id='1'>one</item><item id="2"><![CDATA[<two>]]></item></list>)");
  ASSERT_TRUE(xml) << xml.error().message;
  EXPECT_EQ(xml->name(), "list");
  EXPECT_EQ(xml->attribute("count"), "2");
  EXPECT_EQ(xml->attribute("missing"), std::nullopt);
  EXPECT_EQ(xml->text("item"), "one");
  const auto items = xml->all("item");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1].text(), "<two>");
  EXPECT_EQ(items[1].attribute_or("id", ""), "2");
  EXPECT_EQ(xml->child("other"), std::nullopt);
}

TEST(XmlDocument, WalksInItsOrderAndSaysHowDeep) {
  const auto xml = Xml::parse("<a>t<b><c/>u<d><e/></d></b><f/></a>");
  ASSERT_TRUE(xml);
  std::string way;
  xml->walk([&](const Xml& element, std::size_t depth) {
    way += std::string(element.name()) + std::to_string(depth) + " ";
  });
  EXPECT_EQ(way, "b1 c2 d2 e3 f1 ");
  way.clear();
  xml->child("b")->walk([&](const Xml& element, std::size_t depth) {
    way += std::string(element.name()) + std::to_string(depth) + " ";
  });
  EXPECT_EQ(way, "c1 d1 e2 ");
  Xml::parse("<a/>")->walk([&](const Xml&, std::size_t) { FAIL(); });
}

TEST(XmlDocument, IsRefusedWhenAnythingOfItIsMissing) {
  const std::string whole = R"(<a x="1"><!-- c --><b><![CDATA[t]]></b><c y='>'/></a>)";
  ASSERT_TRUE(Xml::parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(Xml::parse(whole.substr(0, length))) << length;
}

TEST(XmlDocument, IsOneAndNothingStandsAroundIt) {
  EXPECT_EQ(refusal("<a/><b/>"), "XML, byte 4: a second document follows the first");
  EXPECT_EQ(refusal("<a/>x"), "XML, byte 4: something follows the document");
  EXPECT_EQ(refusal("{}"), "XML, byte 0: it does not begin as XML");
  EXPECT_EQ(refusal("<a></b>").find("XML, byte"), 0U);
  EXPECT_EQ(refusal(std::string_view("<a/>\0", 5)), "XML, byte 4: a zero byte; it is not UTF-8");
  EXPECT_TRUE(Xml::parse("\xEF\xBB\xBF<a/>\n<!-- end -->\n"));
}

TEST(XmlDocument, MayNameADocumentTypeAndNotBringOne) {
  EXPECT_TRUE(Xml::parse("<!DOCTYPE coverage SYSTEM 'http://example/coverage-04.dtd'><coverage/>"));
  EXPECT_EQ(refusal("<!DOCTYPE a [<!ENTITY b 'ccc'>]><a>&b;</a>"),
            "XML, byte 0: it brings a document type of its own");
}

TEST(XmlDocument, IsRefusedBeyondItsLimitsBeforeItIsBuilt) {
  EXPECT_TRUE(Xml::parse(nested(64)));
  EXPECT_NE(refusal(nested(65)).find("nested too deeply"), std::string::npos);
  EXPECT_NE(refusal(nested(100'000)).find("nested too deeply"), std::string::npos);
  EXPECT_EQ(refusal("<a/>", {.bytes = 3}), "XML of 4 bytes: at most 3 are read");
  EXPECT_EQ(refusal("<a b='1' c='2'/>", {.parts = 2}), "XML, byte 0: it has too many parts");
}

}  // namespace
}  // namespace stepback
