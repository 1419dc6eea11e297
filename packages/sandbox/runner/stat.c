#include "stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool stat_of(pid_t pid, struct stat_line *line) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[1024];
  ssize_t count;
  do {
    count = read(fd, text, sizeof text - 1);
  } while (count < 0 && errno == EINTR);
  close(fd);
  if (count <= 0) return false;
  text[count] = 0;
  /* The second field is the program's name in parentheses; the program chooses it, so it may hold both. */
  const char *after = strrchr(text, ')');
  if (after == NULL) return false;
  int parent = 0;
  int group = 0;
  int session = 0;
  if (sscanf(after + 1, " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld", &line->state, &parent,
             &group, &session, &line->threads) != 5) {
    return false;
  }
  line->parent = parent;
  line->group = group;
  line->session = session;
  return true;
}
