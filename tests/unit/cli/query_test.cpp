// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "support/pretend_service.hpp"

namespace stepback::cli {
namespace {

class QueryFlag : public ::testing::Test {
 protected:
  QueryFlag() {
    for (const auto* name : {"test", "staging", "production"}) {
      service.deployed(name, "1111111", days(3));
      service.deployed(name, "2222222", days(2));
    }
  }
  std::string out(const std::string& line) { return service.run(line).out; }

  PretendService service;
};

TEST_F(QueryFlag, PicksFromTheDocumentInEveryFormat) {
  const std::string picked = " --query environments[*].environment";
  EXPECT_EQ(out("status -o json" + picked),
            "[\n  \"test\",\n  \"staging\",\n  \"production\"\n]\n");
  EXPECT_EQ(out("status -o jsonl" + picked), "\"test\"\n\"staging\"\n\"production\"\n");
  EXPECT_EQ(out("status -o yaml" + picked), "- test\n- staging\n- production\n");
  EXPECT_EQ(out("status -o text" + picked), "test\tstaging\tproduction\n");
  EXPECT_EQ(out("status -o id" + picked), "test\nstaging\nproduction\n");
  EXPECT_EQ(out("status" + picked), "test\nstaging\nproduction\n");
}

TEST_F(QueryFlag, StandsBeforeTheCommandToo) {
  EXPECT_EQ(out("--query length(environments) status"), "3\n");
}

TEST_F(QueryFlag, MakesATableOfObjectsUnderTheirNames) {
  EXPECT_EQ(out("status --query 'environments[*].{where: environment, what: version, n: `1`}'"),
            "where       what     n\n"
            "test        2222222  1\n"
            "staging     2222222  1\n"
            "production  2222222  1\n");
  EXPECT_EQ(out("status --no-header --query 'environments[:1].{w: environment, v: version}'"),
            "test  2222222\n");
}

TEST_F(QueryFlag, MakesATableOfListsWithoutNames) {
  EXPECT_EQ(out("status --query 'environments[*].[environment, version]'"),
            "test        2222222\nstaging     2222222\nproduction  2222222\n");
  EXPECT_EQ(out("status -o text --query 'environments[*].[environment, version]'"),
            "test\t2222222\nstaging\t2222222\nproduction\t2222222\n");
}

TEST_F(QueryFlag, PutsWhatIsNestedBelowUnderItsName) {
  EXPECT_EQ(out("status --query '{a: `1`, b: {c: [`2`, `3`]}, d: [{e: `4`}]}'"),
            "a\n1\n\nb\n\nb.c\n2\n3\n\nd\ne\n4\n");
  EXPECT_EQ(out("status -o text --query '{a: `1`, b: {c: [`2`, `3`]}, d: [{e: `4`}]}'"),
            "1\nC\t2\t3\nD\t4\n");
}

TEST_F(QueryFlag, SaysNullWhereNothingIs) {
  EXPECT_EQ(out("status --query absent"), "null\n");
  EXPECT_EQ(out("status -o text --query absent"), "null\n");
  EXPECT_EQ(out("status -o id --query absent"), "");
}

TEST_F(QueryFlag, IsRefusedBeforeAnythingIsTouchedWhenItIsNoExpression) {
  const auto ran = service.run("rollback production --yes --reason x --query 'a[b'");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(service.engines_made, 0);
  EXPECT_NE(ran.err.find("character 3, at a[>>>b: a number, a colon or a closing bracket is "
                         "expected, not 'b'"),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(ran.attempt(), "stepback help query");
  EXPECT_EQ(service.run(ran.attempt().substr(9)).exit, 0);
}

TEST_F(QueryFlag, IsAMistakeWhenTheDocumentHasNoAnswer) {
  const auto ran = service.run("status --query 'abs(environments)'");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("abs() needs a number, and got array"), std::string::npos) << ran.err;
}

TEST_F(QueryFlag, NeverHidesThatTheAnswerIsBad) {
  service.world.places[{"production"}].red_before = true;
  EXPECT_EQ(service.run("verify production --query verdict").exit, 1);
  EXPECT_EQ(service.run("verify production --query 'abs(verdict)'").exit, 1);
}

TEST_F(QueryFlag, ShowsControlCharactersAsSigns) {
  const auto picked = out(R"(status --query '`{"\u001b[31m": "\u001b[2J"}`')");
  EXPECT_EQ(picked.find('\x1b'), std::string::npos);
}

TEST_F(QueryFlag, IsExplainedWithExamplesThatWork) {
  const auto topic = out("help query");
  for (std::size_t at = topic.find("  stepback "); at != std::string::npos;
       at = topic.find("  stepback ", at + 1)) {
    const auto line = topic.substr(at + 11, topic.find('\n', at) - at - 11);
    EXPECT_EQ(service.run(line).exit, 0) << line;
  }
}

}  // namespace
}  // namespace stepback::cli
