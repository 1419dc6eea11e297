/* How much output is kept: a bound for each stream, and one for all together. */
#ifndef KEEP_H
#define KEEP_H

#include "loop.h"

struct runner;
struct output;

struct keep {
  int folder; /* where the files without a name are; -1: there is none */
  uint64_t each;
  uint64_t most;
  uint64_t kept;
  struct timer look_again;
};

bool keep_init(struct runner *runner);
/* A new file that has no name; -1 with errno. */
int keep_new_file(struct keep *keep);
/* How many of `wanted` bytes can be taken without losing what somebody who follows still waits for. */
size_t keep_allows(const struct runner *runner, const struct output *output, size_t wanted);
/* Gives up what has to go so that `bytes` more can be kept. */
void keep_make_room(struct runner *runner, struct output *output, size_t bytes);
/* Gives up the output of the oldest ended command, but not `output`. False: there is none left. */
bool keep_give_up_ended(struct runner *runner, const struct output *output);
/* Outputs that wait try again soon: who follows may have gone, or may have stopped taking anything. */
void keep_look_again(struct runner *runner);

#endif
