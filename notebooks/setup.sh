#!/usr/bin/env bash
# Installs the notebook tools once: pinned Jupyter tools, gonb and goimports at the versions of go.mod, and the
# GoNB kernel of this checkout. env.sh sets the folders. You may interrupt it, and two runs may overlap: each
# folder is built under a temporary name and moved into place when complete.
#
# Usage: notebooks/setup.sh [--lab | --check]
#   --lab    install JupyterLab too
#   --check  install nothing; fail if something is missing
set -euo pipefail
IFS=$' \t\n'
# shellcheck source=env.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"

lab=false check=false
case ${1-} in
'') ;;
--lab) lab=true ;;
--check) check=true ;;
*) rn_die "unknown option \"$1\": setup.sh takes --lab or --check" ;;
esac

kernel_json=$JUPYTER_DATA_DIR/kernels/gonb/kernel.json
kernel_stamp=$JUPYTER_DATA_DIR/complete
missing() { # prints the missing parts, one word each
  [[ -x $RN_VENV/bin/python ]] || echo venv
  if $lab && [[ ! -x $RN_VENV_LAB/bin/python ]]; then echo lab; fi
  [[ -x $RN_BIN/gonb && -x $RN_BIN/goimports ]] || echo bin
  [[ -f $kernel_json && -f $kernel_stamp ]] || echo kernel
}

absent=$(missing)
if $check; then
  [[ -z $absent ]] || rn_die "not installed: ${absent//$'\n'/, }; run: make setup-notebooks"
  exit 0
fi
[[ -n $absent ]] || exit 0

mkdir -p "$RN_CACHE"
find "$RN_CACHE" -maxdepth 1 -name '.building-*' -mtime +0 -exec rm -rf {} + # from killed runs
building=
trap '[[ -z $building ]] || rm -rf "$building"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_build() { building=$(mktemp -d "$RN_CACHE/.building-XXXXXX"); }

# move_into_place DIR PROGRAM renames the finished build to DIR. If another run was first, its folder stays. A
# folder without PROGRAM is broken, for example because its Python was uninstalled, and is replaced.
move_into_place() {
  "$PYTHON" - "$building" "$1" "$2" <<'PY'
import os, shutil, sys
built, final, program = sys.argv[1:]
os.chmod(built, 0o755)
if not os.path.exists(os.path.join(final, program)):
    shutil.rmtree(final, ignore_errors=True)
try:
    os.rename(built, final)
except OSError:
    if not os.path.exists(os.path.join(final, program)):
        raise
    shutil.rmtree(built)
PY
  building=
}

# install_venv DIR REQUIREMENTS installs the packages of a requirements file into a virtual environment.
install_venv() {
  start_build
  "$PYTHON" -m venv "$building" ||
    rn_die "\"$PYTHON -m venv\" failed (on Debian: apt-get install python3-venv)"
  "$building/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-warn-script-location \
    --require-hashes --only-binary :all: -r "$2" >&2 ||
    rn_die "pip could not install $(basename "$2"): see its message above"
  move_into_place "$1" bin/python
}

began=$SECONDS
for part in $absent; do
  case $part in
  venv)
    echo "notebooks: installing nbclient and nbconvert (requirements.txt)"
    install_venv "$RN_VENV" "$RN_NOTEBOOKS/requirements.txt"
    ;;
  lab)
    echo "notebooks: installing JupyterLab (requirements-lab.txt)"
    install_venv "$RN_VENV_LAB" "$RN_NOTEBOOKS/requirements-lab.txt"
    ;;
  bin)
    echo "notebooks: building gonb and goimports at the versions of go.mod"
    start_build
    (cd "$RN_REPO" && GOBIN=$building go install github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports) ||
      rn_die "go install of gonb and goimports failed: see its message above"
    move_into_place "$RN_BIN" gonb
    ;;
  kernel)
    echo "notebooks: installing the GoNB kernel for this checkout"
    mkdir -p "$JUPYTER_DATA_DIR"
    # -force_deps: gopls may be missing; it only serves completion. -raw_error: compile errors as text, not HTML.
    # -go_work: cells compile in a workspace with this repository, with its packages and versions.
    log=$(PATH=$RN_BIN:$PATH "$RN_BIN/gonb" -install -force_deps -raw_error -go_work="$RN_REPO" 2>&1) ||
      rn_die "gonb -install failed: $log"
    [[ -f $kernel_json ]] || rn_die "gonb -install wrote no $kernel_json: $log"
    : >"$kernel_stamp"
    ;;
  esac
done
echo "notebooks: ready in $((SECONDS - began)) s"
