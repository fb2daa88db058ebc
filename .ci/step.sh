#!/usr/bin/env bash
# Usage: .ci/step.sh WHAT COMMAND [ARGUMENT...]
# Says what is done, does it, and says how many seconds it took. Exits as the command does.
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
