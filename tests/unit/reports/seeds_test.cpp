// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/reports/seeds.hpp"

namespace stepback {
namespace {

GateResult expected(const Seed& seed) {
  if (seed.verdict == "passing") return GateResult::pass;
  return seed.verdict == "failing" ? GateResult::fail : GateResult::unreadable;
}

TEST(Reports, AreJudgedAsTheirNamesSay) {
  const auto all = seeds();
  EXPECT_GE(all.size(), 45U);
  for (const auto& seed : all) {
    const auto verdict = judged(seed.bytes, seed.kind);
    EXPECT_EQ(name_of(verdict.result), name_of(expected(seed))) << seed.name << ": " << verdict.why;
    EXPECT_FALSE(verdict.why.empty()) << seed.name;
  }
}

TEST(Reports, AreTheSameWhetherTheirFormatIsFoundOrNamed) {
  for (const auto& seed : seeds()) {
    if (expected(seed) == GateResult::unreadable) continue;
    const auto found = read_report(seed.bytes, seed.kind);
    const auto named_so = read_report(seed.bytes, seed.kind, seed.format);
    ASSERT_TRUE(found && named_so) << seed.name;
    EXPECT_EQ(*found, *named_so) << seed.name;
    EXPECT_EQ(found->format, name_of(seed.format)) << seed.name;
  }
}

TEST(Reports, OfAnotherKindAreNeverGreen) {
  for (const auto& seed : seeds()) {
    for (const auto kind : {GateKind::tests, GateKind::coverage, GateKind::scan, GateKind::cfn}) {
      if (is_for(seed.format, kind)) continue;
      EXPECT_EQ(judged(seed.bytes, kind).result, GateResult::unreadable) << seed.name;
    }
  }
}

// Between two records of a tracefile nothing says that a third one is missing.
bool may_be_whole(const Seed& seed, std::string_view part) {
  if (seed.format != Format::lcov) return false;
  const auto end = part.rfind("end_of_record");
  return end != std::string_view::npos && part.find("SF:", end) == std::string_view::npos;
}

TEST(Reports, ThatFailAndAreCutOffAnywhereAreNeverGreen) {
  for (const auto& seed : seeds()) {
    if (expected(seed) != GateResult::fail) continue;
    for (std::size_t length = 0; length < seed.bytes.size(); ++length) {
      const auto part = std::string_view(seed.bytes).substr(0, length);
      if (may_be_whole(seed, part)) continue;
      const auto verdict = judged(part, seed.kind);
      ASSERT_NE(verdict.result, GateResult::pass) << seed.name << " at " << length;
    }
  }
}

TEST(Reports, WithAPieceMissingFailOrAreUnreadableAndNeverCrash) {
  const auto all = seeds();
  EXPECT_TRUE(rc::check("mutated", [&] {
    const auto& seed = all[*rc::gen::inRange<std::size_t>(0, all.size())];
    auto bytes = seed.bytes;
    const auto from = *rc::gen::inRange<std::size_t>(0, bytes.size());
    const auto length = *rc::gen::inRange<std::size_t>(0, 20);
    bytes.replace(from, length, *rc::gen::arbitrary<std::string>());
    const auto verdict = judged(bytes, seed.kind, seed.format);
    RC_ASSERT(verdict == judged(bytes, seed.kind, seed.format));
    RC_ASSERT(!verdict.why.empty());
  }));
}

TEST(Reports, OfNonsenseAreUnreadable) {
  EXPECT_TRUE(rc::check("noise", [](const std::string& bytes) {
    for (const auto kind : {GateKind::tests, GateKind::coverage, GateKind::scan, GateKind::cfn}) {
      for (const auto name : names_of<Format>) {
        const auto format = *named<Format>(name);
        if (is_for(format, kind))
          RC_ASSERT(judged(bytes, kind, format).result == GateResult::unreadable);
      }
    }
  }));
}

std::string nested(std::string_view open, std::string_view close, std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(Reports, ThatAreTooLargeOrTooDeepAreRefused) {
  const std::string large(std::size_t{50} * 1024 * 1024, ' ');
  EXPECT_NE(judged(large, GateKind::tests).why.find("at most 33554432 are read"),
            std::string::npos);
  constexpr std::size_t depth = 100'000;
  EXPECT_NE(judged(nested("<testsuite>", "</testsuite>", depth), GateKind::tests)
                .why.find("nested too deeply"),
            std::string::npos);
  EXPECT_NE(judged(nested("[", "]", depth), GateKind::scan).why.find("nested too deeply"),
            std::string::npos);
  EXPECT_NE(judged(nested("{\"a\":", "1}", depth), GateKind::scan, Format::trivy)
                .why.find("nested too deeply"),
            std::string::npos);
}

TEST(Reports, WithTooManyPartsAreRefusedBeforeTheyAreBuilt) {
  std::string values = "[";
  for (int i = 0; i < 3'000'001; ++i) values += "0,";
  EXPECT_NE(judged(values + "0]", GateKind::cfn).why.find("more than 3000000 values"),
            std::string::npos);
  std::string cases = "<testsuite>";
  for (int i = 0; i < 200'001; ++i) cases += "<testcase/>";
  EXPECT_NE(judged(cases + "</testsuite>", GateKind::tests).why.find("more than 200000 cases"),
            std::string::npos);
}

TEST(Reports, AsLargeAsTheyMayBeAreRead) {
  std::string matches = R"({"matches":[)";
  for (int i = 0; i < 100'000; ++i) {
    matches += R"({"vulnerability":{"id":"CVE-)" + std::to_string(i) +
               R"(","severity":"High"},"artifact":{"name":"a","version":"1"}},)";
  }
  matches.back() = ']';
  EXPECT_EQ(judged(matches + "}", GateKind::scan).counted.size(), 100'000U);
}

}  // namespace
}  // namespace stepback
