/* What the parts of the runner share. There is one, on main's stack; nothing else is global. */
#ifndef RUNNER_H
#define RUNNER_H

#include "bytes.h"
#include "expiry.h"
#include "keep.h"
#include "loop.h"

#include <signal.h>
#include <sys/resource.h>

struct client;
struct command;

/* As they stand on the command line. */
struct settings {
  const char *work;
  const char *socket;
  const char *output;
  uint64_t expires_in_ms; /* UINT64_MAX: never */
  uint64_t idle_ms;       /* 0: never */
  uint64_t keep_bytes;
  uint64_t keep_all_bytes;
  bool any_client;
};

struct runner {
  const struct settings *settings;
  struct loop loop;
  struct watch signals;
  struct watch listener;
  struct timer accept_again;
  bool unreaped; /* there may be more children that have ended */
  int work; /* the work folder */

  struct client *clients;
  unsigned client_count;
  struct timer client_times; /* so that their time limits are looked at */

  struct command *commands; /* oldest first */
  unsigned running_count;
  unsigned command_count;
  uint64_t next_serial;

  /* `NAME=value` with a zero each, one after the other: what clients gave for all commands. */
  struct bytes environment;
  struct keep keep;
  struct expiry expiry;

  uint8_t boot_id[16];
  uint64_t booted; /* now_ms() */
  int out_of_memory_file;
  int own_oom_score;
  struct rlimit files_before; /* what commands get */

  /* For one read or write; nobody relies on what is in it afterwards. */
  uint8_t scratch[64 * 1024];
};

#endif
