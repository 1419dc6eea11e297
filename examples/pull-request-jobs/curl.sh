#!/usr/bin/env bash
# Creates a job, asks how it is, and cleans up: `EPHEMERA_URL=… EPHEMERA_TOKEN=… bash examples/pull-request-jobs/curl.sh`
set -euo pipefail

# In a file that only we can read: on a command line others on this machine would see the token.
header=$(mktemp)
trap 'rm -f "$header"' EXIT
printf 'Authorization: Bearer %s\n' "$EPHEMERA_TOKEN" > "$header"

# Create a job. The answer has its name.
created=$(
  curl -sS --fail-with-body -H @"$header" -X POST "$EPHEMERA_URL"/api/kubernetes/pr-jobs \
    -H "Content-Type: application/json" \
    -d '{
      "action": "create",
      "name": "pr-123-build",
      "namespace": "default",
      "image": "docker:24-dind"
    }'
)
echo "$created"
job=$(jq -er .job.jobName <<< "$created")

# Check job status.
curl -sS --fail-with-body -H @"$header" -X POST "$EPHEMERA_URL"/api/kubernetes/pr-jobs \
  -H "Content-Type: application/json" \
  -d '{
    "action": "status",
    "name": "pr-123-build",
    "jobName": "'"$job"'"
  }'
echo

# Clean up resources.
curl -sS --fail-with-body -H @"$header" -X POST "$EPHEMERA_URL"/api/kubernetes/pr-jobs \
  -H "Content-Type: application/json" \
  -d '{
    "action": "cleanup",
    "name": "pr-123-build"
  }'
echo
