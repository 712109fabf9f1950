#!/bin/sh
# Tests drive Debian's Chromium, its AWS CLI, which is version 2 (PyPI has version 1), rclone, s3cmd and PostgreSQL;
# and s3fs from PyPI, which needs another botocore than boto3's and so an environment of its own. What is missing is
# installed here if it can be; else the tests that need it skip, saying so.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -x "$root/.programs/s3fs/bin/python" ]; then
  echo "installing s3fs for the tests …"
  if ! { "${PYTHON:-python3}" -m venv "$root/.programs/s3fs" \
    && "$root/.programs/s3fs/bin/python" -m pip install --quiet --disable-pip-version-check 's3fs>=2024.10'; }; then
    rm -rf "$root/.programs/s3fs"
    echo "s3fs could not be installed: a test will be skipped" >&2
  fi
fi
missing=""
if ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1 \
  && ! command -v google-chrome >/dev/null 2>&1; then
  missing="chromium"
fi
if [ ! -x /usr/bin/aws ] && [ ! -x /usr/local/bin/aws ]; then missing="$missing awscli"; fi
for program in rclone s3cmd; do
  command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
# Debian keeps PostgreSQL's programs out of PATH.
if ! command -v postgres >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
  missing="$missing postgresql"
fi
if [ -z "$missing" ]; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "no apt-get to install$missing with: some tests will be skipped" >&2
  exit 0
fi
run=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
    echo "installing $missing needs root: some tests will be skipped" >&2
    exit 0
  fi
  run="sudo"
fi
echo "installing $missing for the tests …"
$run apt-get update -qq >/dev/null
for program in $missing; do
  DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends "$program" >/dev/null \
    || echo "$program could not be installed: some tests will be skipped" >&2
done
