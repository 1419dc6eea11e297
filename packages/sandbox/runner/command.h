/* The commands that run, and the last ones that have ended. */
#ifndef COMMAND_H
#define COMMAND_H

#include "client.h"
#include "ending.h"
#include "input.h"
#include "output.h"

#include <sys/types.h>

#define MOST_ID 64u

struct attach;

struct command {
  struct command *next;
  struct runner *runner;
  uint64_t serial; /* later ones have higher ones */
  char id[MOST_ID + 1];
  pid_t pid;          /* its process group and session have the same number */
  bool pid_is_others; /* it ended, and a later command got the number */
  bool running;       /* its first process has not ended */
  bool settled;       /* it has ended and its output was read */
  bool cut_off;       /* the sandbox's end began before that: its code is no result, whatever it made of SIGTERM */
  bool terminal;
  uint8_t kind;
  uint8_t flags;
  uint32_t code;
  uint64_t started; /* wall_ms() */
  uint64_t ended;
  uint64_t out_of_memory_before;
  uint8_t sent_signal; /* by SIGNAL */
  struct bytes arguments; /* as COMMAND tells them */
  uint32_t argument_count;
  struct output outputs[2];
  struct input input;
  struct attach *attached;
  uint32_t grace;
  struct timer timeout;
  struct timer settling;
  struct ending ending;
};

/* NULL where there is none. */
struct command *command_find(const struct runner *runner, struct text id);
/* A new one at the end of the list, nothing of it started. NULL: no memory. */
struct command *command_add(struct runner *runner, struct text id);
/* Gives up all of it. Nobody is attached, and it does not run. */
void command_remove(struct command *command);
/* Keeps the list short: the oldest ended ones that nobody looks at go. */
void commands_give_way(struct runner *runner);

/* The process has started. */
void command_started(struct command *command, pid_t pid, uint32_t timeout);
/* A process has ended; it may be no command's. */
void commands_reaped(struct runner *runner, pid_t pid, int status);
void command_look_whether_settled(struct command *command);
/* Whether how it ended is known, and is a result. */
bool command_has_result(const struct command *command);
/* The sandbox's end begins: of what has not settled nobody is told how it ends. */
void commands_cut_off(struct runner *runner);

void answer_exit(struct client *client, uint32_t channel, const struct command *command);
void request_signal(struct client *client, uint32_t channel, struct reader *payload);
void request_kill(struct client *client, uint32_t channel, struct reader *payload);
void request_forget(struct client *client, uint32_t channel, struct reader *payload);
void request_resize(struct client *client, uint32_t channel, struct reader *payload);

#endif
