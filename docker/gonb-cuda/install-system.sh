#!/usr/bin/env bash
# Installs, as root, the Debian packages that the repository needs: a C compiler for cgo, git, make, Python with pip for
# wheels and Jupyter, npm for the digits. Versions are those of the image's Debian release with its security updates.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends \
  ca-certificates gcc git libc6-dev make npm python3 python3-pip python3-venv
rm -rf /var/lib/apt/lists/*
