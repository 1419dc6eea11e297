/* A new process, with nothing of the runner's but the pipes or the terminal that lead to it. */
#ifndef SPAWN_H
#define SPAWN_H

#include <stdbool.h>
#include <stdint.h>

struct command;

struct spawn {
  char *const *arguments;
  char *const *environment;
  const char *path; /* where programs are looked for; NULL: the usual folders */
  const char *cwd;
  bool stdin_open;
  bool terminal;
  uint16_t rows;
  uint16_t columns;
};

/* NULL where the program runs; else what could not be done, with errno. */
const char *spawn_command(struct command *command, const struct spawn *spawn, uint32_t timeout);

#endif
