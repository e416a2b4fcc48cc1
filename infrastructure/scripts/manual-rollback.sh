#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes an environment back to a version, step by step, after one question. The work is done by
# `stepback`, so that a rollback by hand is guarded, recorded and told like any other.
#
# Exit: 0 done, or not wanted after all; 1 wrong arguments; else the exit code of the rollback
# (`stepback help exit-codes`). STEPBACK names another program than the one on PATH.
set -euo pipefail

usage() {
  echo "Usage: $0 <environment> <target-version>"
  echo "Example: $0 production abc123def456"
  exit 1
}

# The grammar of the program itself. Anything else never reaches a command.
is_environment() { [[ "$1" =~ ^[a-z][a-z0-9-]{0,31}$ ]]; }
is_version() { [[ "$1" =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$ && "$1" != *..* ]]; }

LC_ALL=C
ENVIRONMENT=${1:-}
TARGET_VERSION=${2:-}
if [[ $# -ne 2 || -z "$ENVIRONMENT" || -z "$TARGET_VERSION" ]]; then usage; fi
if ! is_environment "$ENVIRONMENT"; then
  printf 'Not the name of an environment: %q\n' "$ENVIRONMENT" >&2
  usage
fi
if ! is_version "$TARGET_VERSION"; then
  printf 'Not a version: %q\n' "$TARGET_VERSION" >&2
  usage
fi

banner() {
  echo "========================================="
  printf '%s\n' "$@"
  echo "========================================="
}

stepback=${STEPBACK:-stepback}
if ! command -v "$stepback" >/dev/null; then
  echo "$stepback is not on PATH: build it, or set STEPBACK" >&2
  exit 1
fi

banner "Manual Rollback Initiated" "Environment: $ENVIRONMENT" "Target Version: $TARGET_VERSION"

# Without an answer (the input has ended) nobody agreed.
CONFIRM=
question="Are you sure you want to rollback $ENVIRONMENT to $TARGET_VERSION? (yes/no): "
read -r -p "$question" CONFIRM || true
if [[ "$CONFIRM" != "yes" ]]; then
  echo "Rollback cancelled"
  exit 0
fi

# One command takes all six steps, in this order; its own output says how far it is.
echo "Step 1: Stopping current pipeline execution..."
echo "Step 2: Rolling back infrastructure (if needed)..."
echo "Step 3: Rolling back application code..."
echo "Step 4: Validating rollback..."
echo "Step 5: Updating deployment record..."
echo "Step 6: Sending notifications..."
operator=${SUDO_USER:-${USER:-$(id -un)}}
status=0
"$stepback" rollback "$ENVIRONMENT" --to "$TARGET_VERSION" --yes --confirm "$ENVIRONMENT" \
  --reason "Manual rollback to version $TARGET_VERSION by $operator" || status=$?

if [[ $status -eq 0 ]]; then
  banner "Manual Rollback Complete"
else
  banner "Manual Rollback NOT Complete (exit code $status)" >&2
  echo "What it found: $stepback status $ENVIRONMENT" >&2
fi
exit "$status"
