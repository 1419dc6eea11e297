# Builds the image of a pull request: REPO_URL, PR_BRANCH, PR_NUMBER, IMAGE_NAME, DOCKERFILE, PUSH (true or false); with credentials
# also TOKEN_FILE and DOCKER_CONFIG_FILE, which are paths.
no_dockerfile=66

need() {
  if [ -z "$2" ]; then
    say "$1 is missing." >&2
    exit 1
  fi
}
need REPO_URL "${REPO_URL-}"
need PR_BRANCH "${PR_BRANCH-}"
need PR_NUMBER "${PR_NUMBER-}"
need IMAGE_NAME "${IMAGE_NAME-}"

export GIT_TERMINAL_PROMPT=0
export GIT_LFS_SKIP_SMUDGE=1
# Only the URL's own: neither a redirect nor a submodule gets Git to speak another protocol or to run a helper. Whole words, because
# the list is separated by colons, and `ext::…://` would bring the helper that runs commands in.
case "$REPO_URL" in
  https://*) export GIT_ALLOW_PROTOCOL=https ;;
  http://*) export GIT_ALLOW_PROTOCOL=http ;;
  *)
    say 'REPO_URL is no https URL.' >&2
    exit 1
    ;;
esac
export GIT_ASKPASS="$work/askpass"

# Git asks this program for user and password, so that the token is in no URL, no argument and no variable. Without a token it says
# nothing, and Git ends instead of waiting for an answer.
{
  printf '%s\n' '#!/bin/sh'
  # The variables are the helper's own, for when it runs.
  # shellcheck disable=SC2016
  printf '%s\n' 'if [ -z "${TOKEN_FILE-}" ]; then exit 1; fi'
  # shellcheck disable=SC2016
  printf '%s\n' 'case "$1" in Username*) echo x-access-token ;; *) cat "$TOKEN_FILE" ;; esac'
} >"$GIT_ASKPASS"
chmod 700 "$GIT_ASKPASS"

# Writable, as clients keep locks beside it.
if [ -n "${DOCKER_CONFIG_FILE-}" ]; then
  export DOCKER_CONFIG="$work/docker"
  mkdir "$DOCKER_CONFIG"
  cat "$DOCKER_CONFIG_FILE" >"$DOCKER_CONFIG/config.json"
fi

in_source() {
  git -c http.followRedirects=false -c credential.helper= -c core.hooksPath=/dev/null -c core.fsmonitor=false \
    -c filter.lfs.smudge= -c filter.lfs.process= -c filter.lfs.required=false -c submodule.recurse=false "$@"
}

mkdir "$work/source"
# Its real path, as links are compared with it.
cd "$work/source"
source_folder=$(pwd -P)
say "Fetching pull request $PR_NUMBER, branch $PR_BRANCH of $REPO_URL."
in_source init -q .
attend in_source fetch --depth 1 --no-tags --no-recurse-submodules -- "$REPO_URL" "refs/heads/$PR_BRANCH"
attend in_source checkout -q --detach FETCH_HEAD
say "Commit $(in_source rev-parse HEAD)."

# Both are read by this pod and shown in its log, and a link could lead to the token of its account.
is_inside() {
  case $(readlink -f -- "$1" || true) in
    "$source_folder"/.git/*) return 1 ;;
    "$source_folder"/*) [ -f "$1" ] ;;
    *) return 1 ;;
  esac
}
if [ ! -e "$DOCKERFILE" ] && [ ! -L "$DOCKERFILE" ]; then
  say "There is no file $DOCKERFILE on this branch: nothing can be built." >&2
  exit "$no_dockerfile"
fi
# buildx reads what is called like the Dockerfile and stands beside it, such as Dockerfile.rego, and follows links. So it gets a folder
# in which only those two are that it needs; everything else of the repository goes to the builder as it is, links as links.
mkdir "$work/dockerfile"
dockerfile="$work/dockerfile/${DOCKERFILE##*/}"
for suffix in '' .dockerignore; do
  if [ "$suffix" != '' ] && [ ! -e "$DOCKERFILE$suffix" ] && [ ! -L "$DOCKERFILE$suffix" ]; then continue; fi
  if ! is_inside "$DOCKERFILE$suffix"; then
    say "$DOCKERFILE$suffix is no file of this repository: a folder, or a link to something that is not in it." >&2
    exit "$no_dockerfile"
  fi
  cat -- "$DOCKERFILE$suffix" >"$dockerfile$suffix"
done

start_builder
set -- --platform linux/amd64 -f "$dockerfile" -t "$IMAGE_NAME"
if [ "$PUSH" = true ]; then set -- "$@" --push; fi
attend docker buildx build "$@" .
if [ "$PUSH" = true ]; then
  say "$IMAGE_NAME was built and pushed successfully."
else
  say "$IMAGE_NAME was built successfully. It was not pushed: it stays in the cache of the builder, which is removed now."
fi
