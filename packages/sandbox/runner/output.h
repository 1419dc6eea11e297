/* One stream that a command writes: read as it comes, and its last bytes kept in a file without a name. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "loop.h"

#include <sys/types.h>

struct command;

struct output {
  struct watch watch; /* what the command writes to */
  struct command *command;
  uint8_t stream;     /* 1 stdout, 2 stderr */
  int file;           /* a ring: byte n is at n modulo its size; -1: nothing was written yet */
  uint64_t start;     /* the first byte that is kept */
  uint64_t end;       /* how many were written in all */
  uint64_t after_end; /* of these, how many since the first process ended */
  bool open;          /* somebody may still write */
  bool waits;         /* for those who follow, or for the end of the command */
};

/* Begins to read. The descriptor is the output's from now on, also where this fails. */
bool output_open(struct output *output, struct command *command, uint8_t stream, int fd);
/* Whether all that the first process wrote has been read, once that process has ended. */
bool output_caught_up(const struct output *output);
/* Reads on, if it waited. */
void output_wake(struct output *output);
/* What is kept of it from there on, at most `length` bytes; -1 with errno where the disk fails. */
ssize_t output_read(const struct output *output, uint64_t from, void *data, size_t length);
/* Gives up the oldest bytes. */
void output_forget(struct output *output, uint64_t bytes);
/* Gives up all that is kept, and its disk. */
void output_forget_all(struct output *output);
void output_close(struct output *output);

#endif
