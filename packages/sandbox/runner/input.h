/* Standard input of a command: what clients sent is kept until the command takes it. */
#ifndef INPUT_H
#define INPUT_H

#include "client.h"
#include "loop.h"

struct command;
struct input_wait;

struct input {
  struct watch watch;
  struct command *command;
  struct bytes pending;
  uint64_t taken;    /* bytes that came, pending ones among them */
  uint64_t close_at; /* where it ends; UINT64_MAX: not known yet */
  struct input_wait *waits;
  bool open;
  bool in_line; /* what was written last did not end a line */
};

/* The descriptor is the input's from now on, also where this fails. */
bool input_open(struct input *input, struct command *command, int fd);
/* Nothing more can be written. */
void input_close(struct input *input);
void input_free(struct input *input);

void request_stdin(struct client *client, uint32_t channel, struct reader *payload);
void request_stdin_close(struct client *client, uint32_t channel, struct reader *payload);

#endif
