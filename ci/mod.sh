#!/usr/bin/env bash
# Are the modules what go.sum says, and is go.mod what the code needs?
set -euo pipefail
cd "$(dirname "$0")/.."

go mod verify
go mod tidy -diff
