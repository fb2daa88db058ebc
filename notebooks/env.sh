# shellcheck shell=bash
# Where the notebook tools live. Sourced by the scripts of this folder; it makes and changes no file.
#
# Everything is kept outside the repository, under $RN_CACHE, in folders whose names hold a key of what
# went into them: an edited requirements file or go.mod gets new folders, and nothing goes stale.
#
#   RN_CACHE            the cache (default: ${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm)
#   PYTHON              the Python 3.11+ that makes the virtual environments (default: python3)
#
# Sets RN_REPO, RN_VENV (headless tools), RN_VENV_LAB (JupyterLab), RN_BIN (gonb, goimports) and
# JUPYTER_DATA_DIR (this checkout's own kernel; the user's kernels are neither read nor written).

rn_die() {
  printf 'notebooks: %s\n' "$*" >&2
  exit 1
}

RN_NOTEBOOKS=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
RN_REPO=$(dirname -- "$RN_NOTEBOOKS")
case $RN_REPO in
*,*) rn_die "the checkout's path \"$RN_REPO\" holds a comma, which GoNB's -go_work takes as a separator; move the checkout" ;;
esac

RN_CACHE=${RN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm}
case $RN_CACHE in
/*) ;;
*) RN_CACHE=$PWD/$RN_CACHE ;;
esac

PYTHON=${PYTHON:-python3}
command -v "$PYTHON" >/dev/null || rn_die "$PYTHON not found: install Python 3.11 or later, or set PYTHON"
command -v go >/dev/null || rn_die "go not found in PATH: install the Go version that go.mod names"

# One Python start answers for all keys. Prints an error and fails on a Python that is too old.
rn_keys=$(
  "$PYTHON" - "$RN_REPO" "$(cd "$RN_REPO" && go env GOVERSION GOOS GOARCH)" <<'PY'
import hashlib, pathlib, re, sys
if sys.version_info < (3, 11):
    sys.exit("notebooks: Python %d.%d is too old: 3.11 or later is needed (set PYTHON)" % sys.version_info[:2])
repo, go = pathlib.Path(sys.argv[1]), sys.argv[2]
def key(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
def text(name):
    return (repo / name).read_text()
python = sys.version + sys.base_prefix
tools = "\n".join(re.findall(r"^\s*(?:require\s+)?((?:github\.com/janpfeifer/gonb|golang\.org/x/tools) v\S+)", text("go.mod"), re.M))
gobin = key(tools, go)
print(key(text("notebooks/requirements.txt"), python),
      key(text("notebooks/requirements-lab.txt"), python),
      gobin, key(str(repo), gobin))
PY
) || exit 1
read -r rn_key_venv rn_key_lab rn_key_bin rn_key_kernel <<<"$rn_keys"

RN_VENV=$RN_CACHE/venv-$rn_key_venv
RN_VENV_LAB=$RN_CACHE/venv-lab-$rn_key_lab
RN_BIN=$RN_CACHE/bin-$rn_key_bin
export JUPYTER_DATA_DIR=$RN_CACHE/jupyter-$rn_key_kernel
export JUPYTER_CONFIG_DIR=$JUPYTER_DATA_DIR/config
export JUPYTER_PLATFORM_DIRS=0
export JUPYTER_RUNTIME_DIR=$JUPYTER_DATA_DIR/runtime
unset JUPYTER_PATH JUPYTER_CONFIG_PATH rn_keys rn_key_venv rn_key_lab rn_key_bin rn_key_kernel
export RN_REPO RN_NOTEBOOKS RN_CACHE RN_VENV RN_VENV_LAB RN_BIN

# rn_kernel_env prepares the environment that cells are compiled and run in:
# goimports in PATH, and a Go workspace (the cell's module beside this repository), which holds go.mod's
# versions. GOWORK=off or -mod=… in the user's GOFLAGS would switch the workspace off or fail in it, and
# GOPROXY=off keeps a cell from quietly fetching a module that go.mod does not have.
rn_kernel_env() {
  export PATH=$RN_BIN:$PATH
  unset GOWORK
  export GOPROXY=off
  local flag flags=
  for flag in $(go env GOFLAGS); do
    case $flag in
    -mod=* | --mod=* | -modfile=* | --modfile=*) ;;
    *) flags+="$flag " ;;
    esac
  done
  export GOFLAGS=${flags% }
}
