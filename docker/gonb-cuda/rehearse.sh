#!/usr/bin/env bash
# Builds and starts the image without Docker. buildah runs the Dockerfile in a chroot, on a base that debootstrap makes from
# Debian's packages in place of the base that the Dockerfile names. JupyterLab then has to become healthy in it, as the
# image's user and without a GPU. Needs root, the packages buildah and debootstrap, and 20 GB in WORK.
#
# Usage: docker/gonb-cuda/rehearse.sh
#   WORK      folder to work in, which is kept (default: a temporary one, removed at the end)
#   MIRROR    Debian mirror for debootstrap (default: its own)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
for program in buildah debootstrap; do
  command -v "$program" >/dev/null || {
    echo "rehearse.sh: no $program: apt-get install buildah debootstrap" >&2
    exit 1
  }
done
if [[ -z ${WORK-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK"
base=localhost/rn-base image=localhost/gonb-cuda
in_store() { buildah --storage-driver vfs --root "$WORK/store" --runroot "$WORK/run" "$@"; }

if ! in_store inspect --type image "$base" >/dev/null 2>&1; then
  # The release of the Dockerfile's base.
  release=$(sed -n 's/^ARG BASE=debian:\([a-z]*\)-.*/\1/p' docker/gonb-cuda/Dockerfile)
  rm -rf "$WORK/debian"
  debootstrap --variant=minbase "$release" "$WORK/debian" ${MIRROR:+"$MIRROR"}
  # A network that inspects connections has certificates of its own.
  if [[ -d /usr/local/share/ca-certificates ]]; then
    mkdir -p "$WORK/debian/usr/local/share"
    cp -R /usr/local/share/ca-certificates "$WORK/debian/usr/local/share/"
  fi
  tar -C "$WORK/debian" -cf "$WORK/debian.tar" .
  container=$(in_store from scratch)
  in_store add --quiet "$container" "$WORK/debian.tar" / >/dev/null
  in_store commit --quiet --rm "$container" "$base"
  rm -rf "$WORK/debian" "$WORK/debian.tar"
fi

in_store build --pull-never --isolation chroot --format docker --build-arg BASE="$base" --tag "$image" \
  --file docker/gonb-cuda/Dockerfile .

container=$(in_store from --pull-never "$image")
inside() { in_store run --isolation chroot "$container" -- "$@"; }
[[ $(inside id -un) == rn ]] || {
  echo "rehearse.sh: the image does not run as the user rn" >&2
  exit 1
}
inside docker/gonb-cuda/check-lab.sh
inside build/bin/rn doctor --backend xla:cpu
if inside build/bin/rn doctor --backend xla:cuda; then
  echo "rehearse.sh: this machine has a GPU" >&2
else
  echo "rehearse.sh: xla:cuda fails without a GPU, as it should" >&2
fi
in_store rm "$container" >/dev/null
