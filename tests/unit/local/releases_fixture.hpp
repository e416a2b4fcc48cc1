// SPDX-License-Identifier: Apache-2.0
#pragma once

// A root with releases in it, for the tests of publishing, switching and what follows a switch.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include "adapters/local/releases.hpp"
#include "unit/local/fixtures.hpp"

namespace stepback::local {

namespace fs = std::filesystem;

class ReleasesTest : public ::testing::Test {
 protected:
  ReleasesTest() {
    source("v1", "one");
    source("v2", "two");
  }

  void source(const std::string& version, const std::string& text) {
    directory_.write("source-" + version + "/app/main.py", "print('" + text + "')\n");
    directory_.write("source-" + version + "/run", "#!/bin/true\n");
    fs::permissions(directory_.path("source-" + version + "/run"), fs::perms(0755));
    directory_.write("source-" + version + "/VERSION", version + "\n");
  }
  Digest published(const std::string& version) {
    const auto digest =
        releases_.publish(production_, {version}, directory_.path("source-" + version));
    EXPECT_TRUE(digest) << digest.error().message;
    return digest.value_or(Digest{});
  }
  Switch to(const std::string& version, std::uint64_t operation) {
    return {.environment = production_,
            .version = {version},
            .operation = operation,
            .key = "rb-1/stage/production/application/1",
            .limit = seconds(20)};
  }
  void must_switch(const Switch& change) {
    const auto done = releases_.switch_to(change);
    ASSERT_TRUE(done) << done.error().message;
  }
  Error refused(const Switch& change) {
    const auto done = releases_.switch_to(change);
    EXPECT_FALSE(done);
    return done ? Error{} : done.error();
  }
  Pointer pointer() { return releases_.pointer(production_).value(); }
  std::string release(const std::string& version, const std::string& name) const {
    return "production/releases/" + version + "/" + name;
  }
  ReleasesConfig config() const { return {.root = directory_.path("{environment}")}; }

  SystemClock clock_;
  TemporaryDirectory directory_;
  Environment production_{"production"};
  Releases releases_{config(), clock_};
};

}  // namespace stepback::local
