#include "folders.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Whoever needs the folder says why it cannot be used: here a failure is none yet. */
static void make_up_to(const char *path, size_t length) {
  char part[PATH_MAX];
  if (path[0] != '/' || length >= sizeof part) return;
  memcpy(part, path, length);
  part[length] = 0;
  for (char *at = part + 1; *at != 0; at++) {
    if (*at != '/') continue;
    *at = 0;
    mkdir(part, 0755);
    *at = '/';
  }
  mkdir(part, 0755);
}

void make_folders(const char *path) { make_up_to(path, strlen(path)); }

void make_folders_for(const char *path) {
  const char *last = strrchr(path, '/');
  if (last != NULL && last != path) make_up_to(path, (size_t)(last - path));
}
