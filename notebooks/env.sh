# shellcheck shell=bash
# Sets the paths of the notebook tools. The scripts of this folder source it; it writes no file.
#
# The tools live outside the repository, in folders of $RN_CACHE. The name of a folder contains a hash of its
# inputs: after a change of a requirements file or of go.mod, the tools get new folders.
#
#   RN_CACHE            the cache (default: ${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm)
#   PYTHON              the Python 3.11+ that makes the virtual environments (default: python3)
#
# Sets RN_REPO, RN_VENV (headless tools), RN_VENV_LAB (JupyterLab), RN_BIN (gonb, goimports) and
# JUPYTER_DATA_DIR (the kernel of this checkout). The scripts neither read nor write the user's own kernels.

rn_die() {
  printf 'notebooks: %s\n' "$*" >&2
  exit 1
}

RN_NOTEBOOKS=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
RN_REPO=$(dirname -- "$RN_NOTEBOOKS")
case $RN_REPO in
*,*) rn_die "the checkout's path \"$RN_REPO\" contains a comma, which GoNB's -go_work reads as a separator: move the checkout" ;;
esac

RN_CACHE=${RN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm}
case $RN_CACHE in
/*) ;;
*) RN_CACHE=$PWD/$RN_CACHE ;;
esac

PYTHON=${PYTHON:-python3}
command -v "$PYTHON" >/dev/null || rn_die "$PYTHON not found: install Python 3.11 or later, or set PYTHON"
command -v go >/dev/null || rn_die "go not found in PATH: install the Go version that go.mod names"

# One start of Python computes all keys. It prints an error and fails if Python is too old.
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

# rn_kernel_env prepares the environment in which cells compile and run: goimports in PATH, and a Go workspace
# of the cell's module and this repository, with the versions of go.mod. It drops GOWORK=off, which would disable
# the workspace, and -mod=… and -modfile=…, which fail in it. GOPROXY=off makes a cell fail if it imports a module
# that go.mod does not have.
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
