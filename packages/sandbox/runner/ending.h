/* Ends all processes of a command, or of the whole sandbox: SIGTERM, a grace, SIGKILL until none is left. */
#ifndef ENDING_H
#define ENDING_H

#include "loop.h"

struct runner;
struct command;

struct ending {
  struct runner *runner;
  const struct command *of; /* NULL: all */
  struct timer timer;
  bool active;
  bool killing;   /* the grace is over */
  uint64_t until; /* of the grace */
  uint64_t pause; /* until it is looked again whether all are gone */
};

void ending_init(struct ending *ending, struct runner *runner, const struct command *of);
/* How many processes were told. One that has begun already keeps the shorter grace. */
uint32_t ending_begin(struct ending *ending, uint32_t grace);
void ending_stop(struct ending *ending);

#endif
