#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Looks at everything that says whether an environment is well: its pipeline, alarms, health,
# version, logs and records. Changes nothing.
#
# Exit: 0 all is well; 1 wrong arguments, or something is not well; else the exit code of
# `stepback verify` (`stepback help exit-codes`). STEPBACK names another program than that on PATH.
set -euo pipefail

usage() {
  echo "Usage: $0 <environment>"
  echo "Example: $0 production"
  exit 1
}

LC_ALL=C
ENVIRONMENT=${1:-}
if [[ $# -ne 1 || -z "$ENVIRONMENT" ]]; then usage; fi
# The grammar of the program itself. Anything else never reaches a command.
if ! [[ "$ENVIRONMENT" =~ ^[a-z][a-z0-9-]{0,31}$ ]]; then
  printf 'Not the name of an environment: %q\n' "$ENVIRONMENT" >&2
  usage
fi

stepback=${STEPBACK:-stepback}
if ! command -v "$stepback" >/dev/null; then
  echo "$stepback is not on PATH: build it, or set STEPBACK" >&2
  exit 1
fi

status=0
"$stepback" verify "$ENVIRONMENT" --checklist || status=$?
if [[ $status -eq 0 ]]; then
  echo "✅ Rollback validation successful: $ENVIRONMENT is well"
else
  echo "❌ Rollback validation failed: exit code $status" >&2
fi
exit "$status"
