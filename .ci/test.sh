#!/usr/bin/env bash
# Runs every check of CI; `make test` calls it after the set-up. All checks run even if one fails. The last line counts Go
# tests (with subtests), notebooks and the other checks together:
#   N passed, N failed, N skipped
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
self=.ci/test.sh
mkdir -p build/test
export GOMLX_NO_AUTO_INSTALL=1 # no test may download an XLA plugin

passed=0 failed=0 skipped=0

check() { # check WHAT COMMAND...: counts as one, passed or failed
  if .ci/step.sh "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
skip() { # skip WHAT WHY
  printf '==> %s\n    skipped: %s\n' "$1" "$2"
  skipped=$((skipped + 1))
}
counted() { # counted WHAT COUNTS COMMAND...: COMMAND writes "passed failed skipped" to the file COUNTS
  local what=$1 counts=$2 status=0 p=0 f=0 s=0
  shift 2
  rm -f "$counts"
  .ci/step.sh "$what" "$@" || status=$?
  if [[ -f $counts ]]; then read -r p f s <"$counts" || true; fi
  p=${p:-0} f=${f:-0} s=${s:-0}
  if [[ $status -ne 0 && $f -eq 0 ]]; then f=1; fi # failed before it could count
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

formatted() {
  local files
  files=$(gofmt -l .)
  [[ -z $files ]] || {
    printf 'not gofmt-ed (run: make fmt):\n%s\n' "$files"
    return 1
  }
}

go_tests() {
  local status=0
  go tool gotestsum --format pkgname --format-hide-empty-pkg --no-color --jsonfile build/test/go.jsonl \
    -- "$@" || status=$?
  python3 .ci/count.py build/test/go.jsonl >build/test/go.count
  return "$status"
}

notebooks() {
  RN_NOTEBOOK_PROFILE=quick notebooks/execute.sh --count build/test/notebooks.count
}

case ${1-} in
formatted | go_tests | notebooks) # step.sh runs this file again for a check that is a function
  "$@"
  exit
  ;;
esac

began=$SECONDS
read -ra test_flags <<<"${TEST_FLAGS:-}"
check "gofmt" "$self" formatted
check "go vet" go vet ./...
check "staticcheck" go tool staticcheck ./...
check "shellcheck" .ci/shellcheck.sh
why=$(.ci/govulncheck.sh --missing)
if [[ -z $why ]]; then
  check "govulncheck" .ci/govulncheck.sh
else
  skip "govulncheck" "$why"
fi
check "hadolint" docker/gonb-cuda/lint.sh
check "Python: profiles of training steps" python3 -B -m unittest discover -s experiments/bench/profile -p '*_test.py'
check "Python: PyTorch's training steps" python3 -B -m unittest discover -s experiments/bench/torch -p '*_test.py'
check "Python: compiling for CUDA" python3 -B -m unittest discover -s docker/gonb-cuda -p '*_test.py'
counted "go test" build/test/go.count "$self" go_tests ${test_flags[@]+"${test_flags[@]}"} ./...
counted "notebooks, quick profile" build/test/notebooks.count "$self" notebooks
if [[ $(uname -sm) != "Linux x86_64" ]]; then
  skip "the steps of the image, on this machine" "the image is for Linux on x86-64"
elif [[ -n ${RN_CHECK_CUDA-} ]]; then # fetches 3.2 GB, so only on request
  check "the steps of the image, on this machine" docker/gonb-cuda/check.sh --cuda
else
  check "the steps of the image, on this machine, without CUDA" docker/gonb-cuda/check.sh
fi
why=$(notebooks/browser/test.sh --missing) || true # if this fails, so does the test
if [[ -z $why ]]; then
  check "a notebook in JupyterLab in Chromium" notebooks/browser/test.sh
else
  skip "a notebook in JupyterLab in Chromium" "$why"
fi
check "rn verify: parity with the authors' code" build/bin/rn verify
if [[ $(uname -s) == Linux ]]; then
  check "torture, short" go run ./experiments/verify/torture --short
else
  skip "torture, short" "looks at the executables that rn keeps on Linux only"
fi

printf '==> all checks: %d s\n' $((SECONDS - began))
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[[ $failed -eq 0 ]]
