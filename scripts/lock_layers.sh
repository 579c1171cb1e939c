#!/bin/sh
# Pin the layers' packages with hashes, for every platform and for Python 3.11 (local AWS) to 3.14 (Lambda).
set -eu
cd "$(dirname "$0")/.."
for folder in lambda/layers/*/; do
    (cd "$folder" && uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command "scripts/lock_layers.sh" \
        requirements.in --output-file requirements.txt)
done
