// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.hpp"
#include "reports/read.hpp"

#include "support/pretend_service.hpp"
#include "support/scratch.hpp"

namespace stepback::cli {
namespace {

constexpr std::string_view passing =
    R"(<testsuite><testcase classname="Cart" name="adds"/></testsuite>)";
constexpr std::string_view failing = R"(<testsuite><testcase classname="Cart" name="adds">
    <failure message="3, not 4"/></testcase></testsuite>)";

class GateCommand : public ::testing::Test {
 protected:
  GateCommand() {
    service.deployed("test", "1111111", days(3));
    service.deployed("test", "2222222", minutes(5), false);
  }
  std::string file(const std::string& name, std::string_view bytes) const {
    const auto path = (folder.path() / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string verdict_path() const { return (folder.path() / "verdict.json").string(); }
  Ran gate(const std::string& rest) {
    return service.run("gate " + rest + " --output-file " + verdict_path());
  }
  std::string read(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  PretendService service;
  stepback::testing::Scratch folder;
};

TEST_F(GateCommand, PassesAndSaysSo) {
  const auto ran = gate("tests test --report " + file("junit.xml", passing));
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(ran.out.find("gate tests of test: pass"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("1 case passed, 0 skipped"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("recorded for 2222222"), std::string::npos) << ran.out;
}

TEST_F(GateCommand, FailsWithEachFindingAndWhatToDo) {
  const auto ran = gate("tests test --no-record --report " + file("junit.xml", failing));
  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("1 of 1 case failed: Cart.adds"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("| 3, not 4"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("what to do: "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("nothing was recorded"), std::string::npos) << ran.out;
  EXPECT_TRUE(service.rollbacks().empty());
}

TEST_F(GateCommand, IsUnreadableWhenTheFileIsMissingEmptyOrNoReport) {
  for (const auto& path : {(folder.path() / "none.xml").string(), file("empty.xml", ""),
                           file("x.xml", "<html/>"), folder.path().string()}) {
    const auto ran = gate("tests test --no-record --report " + path);
    EXPECT_EQ(ran.exit, 7) << path << ran.err;
    EXPECT_NE(ran.out.find("unreadable"), std::string::npos) << ran.out;
  }
}

TEST_F(GateCommand, TakesAFailedReportInOnceForTheVersionThatItLookedAt) {
  const auto line = "tests test --version 2222222 --report " + file("junit.xml", failing);
  const auto ran = gate(line + " -o json");
  EXPECT_EQ(ran.exit, 1) << ran.err;
  const auto document = json::parse(ran.out);
  ASSERT_TRUE(document) << ran.out;
  const auto& trigger = document->at("trigger").as_object();
  EXPECT_EQ(trigger.at("key").as_string(),
            "gate/test:tests/2222222/" + std::string(document->at("digest").as_string()));
  const auto commits = service.store.commits();
  EXPECT_EQ(gate(line).exit, 1);
  EXPECT_EQ(service.store.commits(), commits);
}

TEST_F(GateCommand, WritesItsVerdictAsAVersionedDocument) {
  gate("scan test --no-record --report " +
       file("trivy.json", R"({"SchemaVersion": 2, "ArtifactName": ".", "Results": [{"Target": "x",
         "Vulnerabilities": [{"VulnerabilityID": "CVE-2030-0001", "Severity": "CRITICAL"}]}]})"));
  const auto document = json::parse(read(verdict_path()));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->at("schema").as_string(), "stepback/v1/gate");
  EXPECT_EQ(document->at("result").as_string(), "fail");
  EXPECT_EQ(document->at("counted").at(0).at("id").as_string(), "CVE-2030-0001");
  EXPECT_EQ(document->at("reports").at(0).at("format").as_string(), "trivy");
}

TEST_F(GateCommand, MeasuresAgainstTheConfigurationAndAgainstWhatIsAskedFor) {
  const auto report = file("c.xml", "<coverage lines-covered='7999' lines-valid='10000'/>");
  EXPECT_EQ(gate("coverage test --no-record --report " + report).exit, 1);
  EXPECT_EQ(gate("coverage test --no-record --coverage 79.99 --report " + report).exit, 0);
  EXPECT_EQ(gate("coverage test --no-record --branches --report " + report).exit, 7);
  service.settings.gates.coverage_basis_points = 5'000;
  EXPECT_EQ(gate("coverage test --no-record --report " + report).exit, 0);
}

TEST_F(GateCommand, LetsThroughWhatTheConfigurationAllows) {
  const auto report = file("lint.json", R"([{"Filename": "t", "Level": "Error", "Message": "m",
      "Rule": {"Id": "E1"}}])");
  service.settings.gates.allowed = {{"E1", "alice", "known", service.clock.now() + days(1)}};
  const auto ran = gate("cfn test --no-record --report " + report);
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.out.find("let through: E1 (allowed until "), std::string::npos) << ran.out;
  service.clock.advance(days(2));
  const auto late = gate("cfn test --no-record --report " + report);
  EXPECT_EQ(late.exit, 1);
  EXPECT_NE(late.out.find("the allowance of E1 by alice ended "), std::string::npos) << late.out;
}

TEST_F(GateCommand, AnnotatesWhereABuildShowsIt) {
  const auto report = file("junit.xml", R"(<testsuite><testcase name="a::b%" file="x,y:z.cpp"
      line="3"><failure message="one%&#10;::error::two"/></testcase></testsuite>)");
  service.variables["GITHUB_ACTIONS"] = "true";
  const auto ran = gate("tests test --no-record --report " + report);
  EXPECT_NE(ran.out.find("::error file=x%2Cy%3Az.cpp,line=3,title=tests%3A a%3A%3Ab%25::"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(ran.out.find("\n::error::two"), std::string::npos) << ran.out;
  service.variables = {{"CODEBUILD_BUILD_ID", "shop:1"}};
  gate("tests test --no-record --report " + report);
  const auto read_back =
      read_report(read((folder.path() / "verdict.xml").string()), GateKind::tests);
  ASSERT_TRUE(read_back) << read_back.error().message;
  EXPECT_EQ(read_back->findings.size(), 2U);
}

TEST_F(GateCommand, ShowsNothingFromAReportThatMovesTheCursorOrCommandsALog) {
  const auto ran = gate("tests test --no-record --report " +
                        file("junit.xml",
                             "<testsuite><testcase name='a&#x9b;2J##[add-mask]'>"
                             "<failure message='\x1b[2J::stop-commands::x'/>"
                             "</testcase></testsuite>"));
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(ran.out.find("##["), std::string::npos) << ran.out;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    EXPECT_NE(line.substr(begin, 2), "::") << line;
  }
}

TEST_F(GateCommand, NeedsAKindAnEnvironmentAndAReport) {
  EXPECT_EQ(service.run("gate").exit, 2);
  EXPECT_NE(service.run("gate").err.find("missing: KIND ENV --report"), std::string::npos);
  EXPECT_EQ(service.run("gate tests test").exit, 2);
  EXPECT_EQ(service.run("gate beauty test --report x").exit, 2);
  EXPECT_EQ(service.run("gate coverage test --report x --coverage 101").exit, 2);
  EXPECT_EQ(service.run("gate coverage test --report x --coverage 79.999").exit, 2);
  EXPECT_EQ(service.run("gate tests tset --report x --no-record").exit, 4);
}

TEST_F(GateCommand, ExplainsItsScaleWithoutAConfiguration) {
  const auto ran = service.run("gate --explain");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.out.find("npm-audit"), std::string::npos);
  EXPECT_NE(ran.out.find("moderate"), std::string::npos);
  EXPECT_EQ(service.engines_made, 0);
}

TEST_F(GateCommand, KeepsNoRecordUnderReadOnly) {
  const auto report = file("junit.xml", passing);
  EXPECT_EQ(service.run("gate tests test --read-only --report " + report).exit, 3);
  EXPECT_EQ(gate("tests test --read-only --no-record --report " + report).exit, 0);
}

}  // namespace
}  // namespace stepback::cli
