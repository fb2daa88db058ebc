#!/usr/bin/env bash
# Opens a notebook in JupyterLab in Chromium, with the GoNB kernel of this checkout. Runs its cells, moves a control,
# and checks that the figure changes. Screenshots go to build/browser.
#
# Usage: notebooks/browser/test.sh [--missing]
#   --missing   only print which program is missing and how to install it; print nothing if none is
#
#   CHROMIUM    the browser (default: chromium, chromium-browser or google-chrome in PATH)
set -euo pipefail
IFS=$' \t\n'
# shellcheck source=../env.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../env.sh"
here=$RN_NOTEBOOKS/browser

find_chromium() {
  local name
  for name in "${CHROMIUM-}" chromium chromium-browser google-chrome; do
    if [[ -n $name ]] && command -v "$name"; then return; fi
  done
}
missing() {
  if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    echo "Node.js 20 or later with npm is not installed (on Debian: apt-get install nodejs npm)"
  elif [[ -z $(find_chromium) ]]; then
    echo "Chromium is not installed (on Debian: apt-get install chromium; elsewhere set CHROMIUM to a Chromium or Chrome)"
  fi
}

why=$(missing)
case ${1-} in
--missing)
  printf '%s' "$why"
  exit
  ;;
'') [[ -z $why ]] || rn_die "$why" ;;
*) rn_die "unknown option \"$1\": test.sh takes --missing" ;;
esac

"$RN_NOTEBOOKS/setup.sh" --lab
key=$("$PYTHON" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:12])' "$here/package-lock.json")
export RN_PLAYWRIGHT=$RN_CACHE/playwright-$key
if [[ ! -f $RN_PLAYWRIGHT/node_modules/.package-lock.json ]]; then # npm writes it last
  mkdir -p "$RN_PLAYWRIGHT"
  cp "$here/package.json" "$here/package-lock.json" "$RN_PLAYWRIGHT"
  (cd "$RN_PLAYWRIGHT" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    rn_die "npm could not install playwright-core: see its message above"
fi

CHROMIUM=$(find_chromium)
export CHROMIUM
exec node "$here/test.mjs"
