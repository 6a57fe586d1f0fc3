#!/usr/bin/env bash
# Run once by Gradescope, as root, when it builds the image: the sandbox, Python's packages, the grader.
set -euo pipefail
cd /autograder/source
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "This image's Python is older than 3.11: choose Ubuntu 24.04 or newer as the autograder's base image." >&2
  exit 1
}
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install --require-hashes --requirement requirements.lock
/autograder/venv/bin/pip install --no-deps --editable .
