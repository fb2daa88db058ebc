#!/usr/bin/env bash
# Runs each fuzz target of the module for FUZZTIME (default 1m). PACKAGES (default ./...) narrows the search.
# Go writes a failing input to the package's testdata/fuzz: commit it as a regression test.
# Minimizing an input gets a second instead of Go's minute, which could take the whole FUZZTIME.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
fuzztime=${FUZZTIME:-1m}
read -ra packages <<<"${PACKAGES:-./...}"

listing=$(go test -list '^Fuzz' "${packages[@]}")
names=() passed=0 failed=0
while read -r first second _; do
  case $first in
  Fuzz*) names+=("$first") ;;
  ok) # ends the list of a package
    for name in ${names[@]+"${names[@]}"}; do
      if .ci/step.sh "fuzz $name in $second for $fuzztime" \
        go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzztime" -fuzzminimizetime 1s "$second"; then
        passed=$((passed + 1))
      else
        failed=$((failed + 1))
      fi
    done
    names=()
    ;;
  esac
done <<<"$listing"
if [[ $((passed + failed)) -eq 0 ]]; then
  echo "fuzz.sh: no fuzz target in ${packages[*]}" >&2
  exit 1
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
