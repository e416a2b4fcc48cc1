// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "jmespath/jmespath.hpp"
#include "jmespath/values.hpp"

namespace stepback::jmespath {
namespace {

namespace fs = std::filesystem;

// The language's public suite, which is not ours to keep: scripts/peers fetches it.
fs::path suite() {
  const auto* const given = std::getenv("STEPBACK_JMESPATH_SUITE");
  return given != nullptr ? fs::path(given)
                          : fs::path(STEPBACK_SOURCE_DIR) / "build" / "peers" / "jmespath";
}

json::Value read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return *json::parse(text.str(), {.bytes = 4 * 1024 * 1024, .depth = 64});
}

// What is wrong with the answer to one case; empty if it is right. Benchmarks want no answer.
std::string wrong_with(const json::Object& test, const json::Value& given) {
  const auto expression = std::string(test.at("expression").as_string());
  const auto parsed = Expression::parse(expression);
  const auto found = parsed ? parsed->search(given) : refuse(parsed.error());
  if (const auto* error = test.if_contains("error")) {
    const auto wanted = std::string(error->as_string());
    if (found) return fmt::format("{}: {} is wanted, not an answer", expression, wanted);
    if (name_of(found.error().fault) == wanted) return {};
    return fmt::format("{}: {} is wanted, not {}", expression, wanted,
                       name_of(found.error().fault));
  }
  if (!found) return fmt::format("{}: {}", expression, found.error().what);
  const auto* const wanted = test.if_contains("result");
  if (wanted == nullptr || equal(*found, *wanted)) return {};
  return fmt::format("{}: {} is wanted, not {}", expression, json::write(*wanted),
                     json::write(*found));
}

TEST(Compliance, IsThatOfThePublicSuite) {
  if (!fs::is_directory(suite())) {
    GTEST_SKIP() << "the public JMESPath suite is not in " << suite()
                 << ": scripts/peers fetches it; only our own cases were tried";
  }
  std::size_t files = 0;
  std::size_t cases = 0;
  for (const auto& file : fs::directory_iterator(suite())) {
    if (file.path().extension() != ".json") continue;
    ++files;
    const auto groups = read(file.path());
    for (const auto& group : groups.as_array()) {
      for (const auto& test : group.at("cases").as_array()) {
        ++cases;
        EXPECT_EQ(wrong_with(test.as_object(), group.at("given")), "") << file.path().filename();
      }
    }
  }
  EXPECT_GE(files, 16U);
  EXPECT_GE(cases, 850U);
  std::cout << fmt::format("{} cases of the public suite, in {} files\n", cases, files);
}

}  // namespace
}  // namespace stepback::jmespath
