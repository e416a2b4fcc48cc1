// SPDX-License-Identifier: Apache-2.0
#pragma once

// A configuration that is right, for tests to change one thing in. Used by the tests of app.

#include <gtest/gtest.h>

#include <string>

#include "app/config.hpp"

namespace stepback {

inline const std::string good_config = R"(version: 1
service: shop
environments:
  - name: test
  - name: production
    protected: true
defaults:
  application:
    kind: symlink
    releases: /srv/{environment}/releases
    current: /srv/{environment}/current
    afterSwitch: [systemctl, reload, "shop-{environment}"]
  health:
    - { name: home, url: "http://127.0.0.1:8080/{environment}/health" }
)";

inline Result<Config> parse_text(const std::string& text, const Variables& variables = {}) {
  return parse_config({text, "stepback.yaml", "/etc/shop"}, variables);
}

// The message, or "accepted".
inline std::string refusal_of(const std::string& text, const Variables& variables = {}) {
  const auto config = parse_text(text, variables);
  if (config) return "accepted";
  EXPECT_EQ(config.error().code, Code::invalid);
  return config.error().message;
}

inline std::string with(std::string text, const std::string& what, const std::string& instead) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), instead);
}

}  // namespace stepback
