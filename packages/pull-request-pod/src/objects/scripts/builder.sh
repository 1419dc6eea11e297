# Makes a builder in the cluster with buildx's kubernetes driver, and removes it again however the job ends.
# Every value comes by environment: JOB_NAME, NAMESPACE, SERVICE_ACCOUNT, BUILDER_LABELS (a=b,c=d), BUILDER_RESOURCES (options of buildx,
# comma between), BUILDER_ROOTLESS (true or false).
set -eu
umask 077

interrupted_by=''
last=''
# Empty, begun or made.
builder=''
work=$(mktemp -d)
# Never what the image brings: a builder of that name in it would be used instead of the one that is made here.
export BUILDX_CONFIG="$work/buildx"
export HOME="${HOME:-$work}"

say() {
  printf '%s\n' "$*"
}

# Runs a command so that a signal is heard at once: a shell lets what runs in its foreground end first.
attend() {
  "$@" &
  last=$!
  wait "$last"
}

# The whole process group, because a docker client does not hand the signal on to its plugin. After ten seconds it is made to end:
# the removal of the builder has to fit into the pod's grace period.
end_what_runs() {
  kill -TERM 0
  if [ -n "$last" ] && kill -0 "$last" 2>/dev/null; then
    (sleep 10 && kill -KILL "$last") >/dev/null 2>&1 &
    timer=$!
    wait "$last" || true
    kill "$timer" 2>/dev/null || true
  fi
}

finish() {
  code=$?
  trap : TERM INT HUP
  trap - EXIT
  set +e
  if [ -n "$interrupted_by" ]; then
    say "Ended by signal $interrupted_by."
    end_what_runs
  fi
  trap '' TERM INT HUP
  if [ "$builder" = made ]; then
    if docker buildx rm k8s-builder; then
      say 'The builder is removed.'
    else
      say 'The builder could not be removed from here; cleaning up the job removes it.' >&2
    fi
  elif [ "$builder" = begun ]; then
    # Whether there is one is not known, so a failure says nothing.
    docker buildx rm k8s-builder >/dev/null 2>&1
  fi
  rm -rf "$work"
  exit "$code"
}

trap finish EXIT
trap 'interrupted_by=TERM; exit 143' TERM
trap 'interrupted_by=INT; exit 130' INT

# For `attend`, whose own output stays the job's: also the words of a trap that runs meanwhile.
logged_create() {
  exec docker buildx create "$@" >"$work/create.log" 2>&1
}

# Old versions of buildx refuse the options that they do not know (labels before 0.12, timeout before 0.15): then it is tried again
# without them, and the builder is found by its name, which is the Job's.
create_builder() {
  labels=yes
  timeout=yes
  builder=begun
  while :; do
    # Its token goes into no pod by itself; without the option it would be the account `default`, whose token does.
    options="namespace=$NAMESPACE,serviceaccount=$SERVICE_ACCOUNT,$BUILDER_RESOURCES"
    if [ "$BUILDER_ROOTLESS" = true ]; then options="$options,rootless=true"; fi
    if [ "$timeout" = yes ]; then options="$options,timeout=5m"; fi
    set -- --driver=kubernetes --name k8s-builder --node "$JOB_NAME" --driver-opt "$options"
    # One option with commas in it: in the CSV that buildx reads here it has to be quoted as a whole.
    if [ "$labels" = yes ]; then set -- "$@" --driver-opt "\"labels=$BUILDER_LABELS\""; fi
    if attend logged_create "$@"; then
      builder=made
      cat "$work/create.log"
      return
    else
      code=$?
    fi
    cat "$work/create.log" >&2
    if [ "$timeout" = yes ] && grep -q 'invalid driver option timeout' "$work/create.log"; then
      timeout=no
      say 'This buildx knows no option timeout: it waits two minutes for the builder at most.'
    elif [ "$labels" = yes ] && grep -q 'invalid driver option labels' "$work/create.log"; then
      labels=no
      say "This buildx knows no option labels: the builder is found by its name $JOB_NAME only."
    else
      say 'The builder could not be created.' >&2
      exit "$code"
    fi
  done
}

start_builder() {
  create_builder
  attend docker buildx use k8s-builder
  say 'Booting the builder takes about half a minute: buildx asks whether it is ready 5 s after its start, and then every 30 s.'
}
