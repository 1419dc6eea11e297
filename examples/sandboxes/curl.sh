# A sandbox over HTTP, at a running server: bash examples/sandboxes/curl.sh
# Needs curl, jq, EPHEMERA_URL, and EPHEMERA_TOKEN with the scopes sandboxes:read and sandboxes:write.
set -euo pipefail

# The token stands in a file, as others on the machine see command lines.
header=$(mktemp)
trap 'rm -f "$header"' EXIT
printf 'Authorization: Bearer %s\n' "$EPHEMERA_TOKEN" > "$header"

call() {
  curl --silent --show-error --fail-with-body --header @"$header" "$@"
}
json='Content-Type: application/json'
api=$EPHEMERA_URL/api/v1/sandboxes

id=$(call "$api" --header "$json" --data '{"image": "busybox:1", "timeout_ms": 600000}' | jq -r .id)
trap 'call --request DELETE "$api/$id"; rm -f "$header"' EXIT

# A file goes up as it is.
printf 'pear\napple\n' | call --upload-file - "$api/$id/files?path=fruit"

# A command, with what it writes as it comes (Server-Sent Events).
call --no-buffer "$api/$id/commands" --header "$json" --data '{"argv": ["sort", "fruit"], "timeout_ms": 60000}'

# One that does not end with the request: its id, and later what it wrote.
command=$(call "$api/$id/commands" --header "$json" --data '{"shell": "echo later; exit 3", "detach": true}' | jq -r .command)
call --no-buffer "$api/$id/commands/$command/logs"

call "$api/$id/files?path=fruit"
