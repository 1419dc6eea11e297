/* The processes of a command, however far they have gone from it. */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct command;

/* In all three: of a command, or with NULL everything that came from the runner. How many processes there were. */
uint32_t tree_count(const struct command *command);
uint32_t tree_signal(const struct command *command, int number);
/* Stops all first, so that none can start another one meanwhile, then kills them. 0: none was left. */
uint32_t tree_kill(const struct command *command);
/* Whether the number of an ended command, its group's and its session's, has gone to somebody else. */
bool tree_number_is_others(const struct command *command);

#endif
