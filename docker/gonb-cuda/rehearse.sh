#!/usr/bin/env bash
# Builds the image without Docker and starts it: buildah runs the Dockerfile in a chroot, on a base that debootstrap
# makes of Debian's packages in the place of the one that the Dockerfile names. Then JupyterLab is started in it as its
# user, without a GPU, and has to be healthy. Needs root, and the packages buildah and debootstrap; 20 GB in WORK.
#
# Usage: docker/gonb-cuda/rehearse.sh
#   WORK      folder for all of it, which is kept (default: a temporary one, removed at the end)
#   MIRROR    where debootstrap finds Debian (default: its own)
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
  # The release that the Dockerfile's base is of.
  release=$(sed -n 's/^ARG BASE=debian:\([a-z]*\)-.*/\1/p' docker/gonb-cuda/Dockerfile)
  rm -rf "$WORK/debian"
  debootstrap --variant=minbase "$release" "$WORK/debian" ${MIRROR:+"$MIRROR"}
  # A network that looks into connections has certificates of its own.
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
  echo "rehearse.sh: the image runs as another user than rn" >&2
  exit 1
}
inside docker/gonb-cuda/check-lab.sh
inside build/bin/rn doctor --backend xla:cpu
if inside build/bin/rn doctor --backend xla:cuda; then
  echo "rehearse.sh: there is a GPU here" >&2
else
  echo "rehearse.sh: xla:cuda fails without a GPU, as it has to" >&2
fi
in_store rm "$container" >/dev/null
