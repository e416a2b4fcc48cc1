// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "entry/cli/catalogue.hpp"
#include "entry/cli/document_schemas.hpp"
#include "support/pretend_service.hpp"
#include "support/schema_check.hpp"

namespace stepback::cli {
namespace {

std::string file(const std::string& path) {
  std::ifstream in(std::string(STEPBACK_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

json::Value shapes() {
  constexpr json::Limits limits{.bytes = 4 << 20, .depth = 64};
  auto all = *json::parse(file("src/entry/api/openapi.json"), limits);
  const auto own = *json::parse(file("src/entry/cli/documents.schema.json"), limits);
  auto& into = all.at_pointer("/components/schemas").as_object();
  for (const auto& member : own.at_pointer("/components/schemas").as_object())
    into[member.key()] = member.value();
  return all;
}

// A service with everything on record that a document may show.
class Documents : public ::testing::Test {
 protected:
  Documents() {
    for (const auto* name : {"test", "staging", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", days(2));
      service.deployed(name, "3333333", minutes(5), false);
    }
    service.world.places[{"production"}].red_before = true;
    service.alarm("production");
    EXPECT_TRUE(service.rest());
    EXPECT_EQ(service.run("rollback staging --yes --reason x").exit, 0);
    service.run("hold add test --version 4444444 --reason x");
    service.run("override add production --check alarms --reason x --for 1h");
    rollback = service.rollbacks().front().id.text;
  }

  // Named by the document itself, held against what is published under that name.
  void check(const std::string& line) {
    const auto ran = service.run(line + " -o json");
    const auto document = json::parse(ran.out, {.bytes = 4 << 20, .depth = 64});
    ASSERT_TRUE(document) << line << ": " << ran.out << ran.err;
    const auto* name = document->as_object().if_contains("schema");
    ASSERT_NE(name, nullptr) << line;
    seen.insert(std::string(name->as_string()));
    const auto pointer = pointer_of(name->as_string());
    ASSERT_FALSE(pointer.empty()) << line << ": nothing is published for " << name->as_string();
    SchemaCheck checking(all);
    for (const auto& complaint : checking.complaints(*document, pointer))
      ADD_FAILURE() << line << ": " << complaint;
  }

  std::string pointer_of(std::string_view name) const {
    for (const auto& member : all.at_pointer("/components/schemas").as_object()) {
      boost::json::error_code error;
      const auto* constant = member.value().find_pointer("/properties/schema/const", error);
      if (constant != nullptr && constant->as_string() == name)
        return "/components/schemas/" + std::string(member.key());
    }
    return {};
  }

  PretendService service;
  json::Value all = shapes();
  std::string rollback;
  std::set<std::string> seen;
};

// Command lines of what reads. A command that prints a document stands here or below.
const std::vector<std::string> reading{"status",
                                       "status production",
                                       "ready",
                                       "targets production",
                                       "verify production",
                                       "verify production --checklist",
                                       "history",
                                       "alarms --all",
                                       "alarms production",
                                       "health --all",
                                       "hold list",
                                       "override list",
                                       "plan test",
                                       "doctor",
                                       "doctor production --only trigger",
                                       "audit verify",
                                       "emergency --dry-run",
                                       "backtest",
                                       "gate --explain",
                                       "rollback test --dry-run"};

// What acts, or needs files that another test makes, or prints something else.
const std::set<std::string> elsewhere{"apply",
                                      "approve",
                                      "audit",
                                      "backup",
                                      "cancel",
                                      "completion",
                                      "config",
                                      "config check",
                                      "config schema",
                                      "config show",
                                      "demo",
                                      "demo break",
                                      "demo stop",
                                      "deploy",
                                      "deploy fail",
                                      "deploy heartbeat",
                                      "deploy start",
                                      "deploy succeed",
                                      "drill",
                                      "explain",
                                      "gate",
                                      "help",
                                      "hold",
                                      "hold add",
                                      "hold release",
                                      "init",
                                      "override",
                                      "override add",
                                      "override remove",
                                      "pipeline",
                                      "pipeline run",
                                      "pipeline status",
                                      "pipeline stop",
                                      "rca",
                                      "rca verify",
                                      "reject",
                                      "rollback",
                                      "schema",
                                      "serve",
                                      "show",
                                      "trigger",
                                      "watch"};

// What prints a document for which no schema is published yet.
const std::set<std::string> unpublished{
    "artifacts",    "artifacts put", "artifacts restore", "logs",       "metrics",
    "notify",       "notify resend", "notify test",       "reconcile",  "record",
    "record amend", "token",         "token add",         "token list", "token remove"};

TEST_F(Documents, OfEveryReadingCommandAreAsPublished) {
  for (const auto& line : reading) check(line);
  check("show " + rollback);
  check("show " + service.head("test").current->text);
  check("explain " + rollback);
}

TEST(Commands, ThatPrintADocumentAreHeldAgainstItsSchema) {
  for (const auto& entry : catalogue()) {
    const std::string path(entry.path);
    const bool tried = std::ranges::any_of(
        reading, [&](const std::string& line) { return (line + " ").starts_with(path + " "); });
    EXPECT_TRUE(tried || elsewhere.contains(path) || unpublished.contains(path))
        << path << ": put a line of it into `reading`, and its document into documents.schema.json";
  }
}

TEST_F(Documents, OfWhatActsAreAsPublishedToo) {
  check("rollback test --yes --reason x");
  check("deploy start test --version 5555555");
  check("trigger production --alarm kiro-worker-production-errors");
}

TEST_F(Documents, ArePublishedEachByItselfWithAllThatItRefersTo) {
  const auto schemas = *DocumentSchemas::read(file("src/entry/api/openapi.json"));
  const auto names = schemas.names();
  EXPECT_GT(names.size(), 25U);
  for (const auto& name : names) {
    const auto schema = json::write(*schemas.find(name));
    const auto parsed = *json::parse(schema, {.bytes = 4 << 20, .depth = 64});
    for (auto at = schema.find("\"$ref\":\"#"); at != std::string::npos;
         at = schema.find("\"$ref\":\"#", at + 1)) {
      const auto target = schema.substr(at + 9, schema.find('"', at + 9) - at - 9);
      boost::json::error_code error;
      EXPECT_NE(parsed.find_pointer(target, error), nullptr) << name << ": " << target;
    }
  }
  EXPECT_FALSE(schemas.find("nothing").has_value());
}

TEST_F(Documents, AreDescribedInOnePlaceEach) {
  constexpr json::Limits limits{.bytes = 4 << 20, .depth = 64};
  const auto api = *json::parse(file("src/entry/api/openapi.json"), limits);
  const auto own = *json::parse(file("src/entry/cli/documents.schema.json"), limits);
  for (const auto& member : own.at_pointer("/components/schemas").as_object())
    EXPECT_FALSE(api.at_pointer("/components/schemas").as_object().contains(member.key()))
        << member.key();
}

TEST_F(Documents, HaveSchemasThatTheProgramPrints) {
  EXPECT_NE(service.run("schema").out.find("\nrollback\n"), std::string::npos);
  const auto printed =
      json::parse(service.run("schema status").out, {.bytes = 4 << 20, .depth = 64});
  ASSERT_TRUE(printed);
  EXPECT_EQ(printed->at("title"), "stepback/v1/status");
  const auto ran = service.run("schema statsu");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.attempt(), "stepback schema status");
}

}  // namespace
}  // namespace stepback::cli
