#!/usr/bin/env bash
# Usage: .ci/step.sh WHAT COMMAND [ARGUMENT...]
# Prints WHAT, runs the command, and prints how many seconds it took. Exits with the command's status.
set -uo pipefail
what=$1
shift
printf '==> %s\n' "$what"
began=$SECONDS
"$@"
status=$?
if [[ $status -eq 0 ]]; then
  printf '    done: %s (%d s)\n' "$what" $((SECONDS - began))
else
  printf '    FAILED: %s (%d s, exit status %d)\n' "$what" $((SECONDS - began)) "$status"
fi
exit "$status"
