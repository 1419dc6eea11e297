#include "init.h"
#include "serve.h"
#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SOCKET "@ephemera-runner"
#define DEFAULT_OUTPUT "/.ephemera/run"
#define DEFAULT_KEEP (64u * 1024u * 1024u)
#define DEFAULT_KEEP_ALL (512u * 1024u * 1024u)
#define LARGEST (UINT64_C(1) << 40)

static int usage(void) {
  fputs("usage: runner init --work FOLDER [--expires-in MS] [--idle MS] [--keep BYTES] [--keep-all BYTES]\n"
        "                   [--socket PATH] [--output FOLDER] [--any-client]\n"
        "       runner serve [--socket PATH] [--any-runner]\n"
        "       runner version\n",
        stderr);
  return 2;
}

/* A number of at least `least` that nothing overflows with. */
static bool number(const char *text, uint64_t least, uint64_t *value) {
  char *end;
  if (*text < '0' || *text > '9') return false;
  errno = 0;
  unsigned long long parsed = strtoull(text, &end, 10);
  if (errno != 0 || *end != 0 || parsed < least || parsed > LARGEST) return false;
  *value = parsed;
  return true;
}

static bool read_option(int option, const char *value, struct settings *settings, bool *any_runner) {
  switch (option) {
    case 'w':
      settings->work = value;
      return value[0] == '/';
    case 's':
      settings->socket = value;
      return true;
    case 'o':
      settings->output = value;
      return true;
    case 'e':
      return number(value, 0, &settings->expires_in_ms);
    case 'i':
      return number(value, 0, &settings->idle_ms);
    case 'k':
      return number(value, 1, &settings->keep_bytes);
    case 'K':
      return number(value, 1, &settings->keep_all_bytes);
    case 'c':
      settings->any_client = true;
      return true;
    case 'r':
      *any_runner = true;
      return true;
    default:
      return false;
  }
}

static const struct option options_of_init[] = {
    {"work", required_argument, NULL, 'w'},     {"expires-in", required_argument, NULL, 'e'},
    {"idle", required_argument, NULL, 'i'},     {"keep", required_argument, NULL, 'k'},
    {"keep-all", required_argument, NULL, 'K'}, {"socket", required_argument, NULL, 's'},
    {"output", required_argument, NULL, 'o'},   {"any-client", no_argument, NULL, 'c'},
    {NULL, 0, NULL, 0},
};

static const struct option options_of_serve[] = {
    {"socket", required_argument, NULL, 's'},
    {"any-runner", no_argument, NULL, 'r'},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv) {
  struct settings settings = {
      .socket = DEFAULT_SOCKET,
      .output = DEFAULT_OUTPUT,
      .expires_in_ms = UINT64_MAX,
      .keep_bytes = DEFAULT_KEEP,
      .keep_all_bytes = DEFAULT_KEEP_ALL,
  };
  bool any_runner = false;
  const char *program = argc > 1 ? argv[1] : "";
  bool is_init = strcmp(program, "init") == 0;
  if (strcmp(program, "version") == 0 && argc == 2) {
    printf("runner %s, protocol %u\n", RUNNER_VERSION, PROTOCOL_VERSION);
    return 0;
  }
  if (!is_init && strcmp(program, "serve") != 0) return usage();
  const struct option *options = is_init ? options_of_init : options_of_serve;
  for (int option; (option = getopt_long(argc - 1, argv + 1, "", options, NULL)) != -1;) {
    if (!read_option(option, optarg, &settings, &any_runner)) return usage();
  }
  if (optind != argc - 1) return usage();
  if (!is_init) return serve(settings.socket, any_runner);
  return settings.work == NULL ? usage() : init(&settings);
}
