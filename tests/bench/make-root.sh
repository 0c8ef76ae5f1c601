#!/usr/bin/env bash
# Builds the root that the README's figures are measured on: a Debian of about 180,000 entries, with icon themes
# and mail filters whose names look like those of banned products, and executables of Windows.
# Usage: make-root.sh FOLDER [MIRROR]. Needs debootstrap and root.
set -eu
folder=${1:?usage: make-root.sh FOLDER [MIRROR]}
packages=python3,python3-pip,nodejs,build-essential,git,papirus-icon-theme,amavisd-new,wine64
packages=$packages,gcc-mingw-w64-x86-64,openjdk-17-jre-headless,perl-doc,python3-numpy,python3-scipy,emacs-nox,texlive-base
# Configuring may fail without mounts; the files are there all the same.
debootstrap --variant=minbase --include="$packages" bookworm "$folder" ${2:+"$2"} || true
echo "$(find "$folder" -xdev | wc -l) entries in $folder"
