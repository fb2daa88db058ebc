#!/usr/bin/env bash
# Runs every fuzz target of the module for FUZZTIME (default 1m) each; PACKAGES (default ./...) narrows it.
# Go keeps an input that fails under the package's testdata/fuzz: commit it, it is a regression test then.
# Inputs of new coverage are made smaller for a second, not for a minute, which may be all there is.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
fuzztime=${FUZZTIME:-1m}
read -ra packages <<<"${PACKAGES:-./...}"

listing=$(go test -list '^Fuzz' "${packages[@]}")
names=() passed=0 failed=0
while read -r first second _; do
  case $first in
  Fuzz*) names+=("$first") ;;
  ok) # closes the list of one package
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
  echo "no fuzz target in ${packages[*]}" >&2
  exit 1
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
