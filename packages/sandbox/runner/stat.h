/* What /proc tells of one process. */
#ifndef STAT_H
#define STAT_H

#include <stdbool.h>
#include <sys/types.h>

struct stat_line {
  char state;
  pid_t parent;
  pid_t group;
  pid_t session;
  long threads;
};

/* False where there is no such process, or nothing can be read of it. */
bool stat_of(pid_t pid, struct stat_line *line);

#endif
