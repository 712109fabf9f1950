#!/bin/sh
# The browser tests drive Debian's Chromium. Installed here if it is missing and can be; else those tests skip, saying so.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if ! command -v apt-get >/dev/null 2>&1; then
  echo "no Chromium and no apt-get: the browser tests will be skipped" >&2
  exit 0
fi
run=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
    echo "no Chromium, and installing it needs root: the browser tests will be skipped" >&2
    exit 0
  fi
  run="sudo"
fi
echo "installing Chromium for the browser tests …"
$run apt-get update -qq >/dev/null
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends chromium >/dev/null
