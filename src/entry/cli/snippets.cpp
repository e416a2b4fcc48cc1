// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/snippets.hpp"

namespace stepback::cli {
namespace {

// A command after one that failed is not run by either tool: so the verdict is one command.
constexpr std::string_view text =
    R"(# --- buildspec.yml, for AWS CodeBuild ---------------------------------------------------
version: 0.2
env:
  variables:
    STEPBACK_ENVIRONMENT: test
phases:
  pre_build:
    commands:
      - stepback deploy start "$STEPBACK_ENVIRONMENT" --version "$CODEBUILD_RESOLVED_SOURCE_VERSION"
  build:
    commands:
      - ./deploy
  post_build:
    commands:
      - |
        if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] &&
           stepback gate tests    "$STEPBACK_ENVIRONMENT" --report reports/junit.xml &&
           stepback gate coverage "$STEPBACK_ENVIRONMENT" --report reports/coverage-summary.json &&
           stepback gate scan     "$STEPBACK_ENVIRONMENT" --report reports/trivy.json &&
           stepback gate cfn      "$STEPBACK_ENVIRONMENT" --report reports/cfn-lint.json
        then
          stepback deploy succeed "$STEPBACK_ENVIRONMENT"
        else
          stepback deploy fail "$STEPBACK_ENVIRONMENT" --reason "build $CODEBUILD_BUILD_ID"
          exit 1
        fi

# --- .github/workflows/deploy.yml, for GitHub Actions ----------------------------------------
on:
  push:
    branches: [main]
jobs:
  deploy:
    runs-on: [self-hosted]
    env:
      STEPBACK_ENVIRONMENT: test
    steps:
      - uses: actions/checkout@v4
      - id: begin
        run: stepback deploy start "$STEPBACK_ENVIRONMENT" --version "$GITHUB_SHA"
      - run: ./deploy
      - run: stepback gate tests    "$STEPBACK_ENVIRONMENT" --report reports/junit.xml
      - run: stepback gate coverage "$STEPBACK_ENVIRONMENT" --report reports/coverage-summary.json
      - run: stepback gate scan     "$STEPBACK_ENVIRONMENT" --report reports/trivy.json
      - run: stepback gate cfn      "$STEPBACK_ENVIRONMENT" --report reports/cfn-lint.json
      - run: stepback deploy succeed "$STEPBACK_ENVIRONMENT"
      - if: (failure() || cancelled()) && steps.begin.outcome == 'success'
        run: stepback deploy fail "$STEPBACK_ENVIRONMENT" --reason "run $GITHUB_RUN_ID"
)";

}  // namespace

std::string_view snippets() { return text; }

}  // namespace stepback::cli
