#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each level is an open folder. No path that the kernel takes is deeper than 2048; trees of programs have a few dozen. */
#define MOST_LEVELS 512

static bool add_level(struct walk *walk, int fd, size_t path_length) {
  if (walk->depth == walk->capacity) {
    size_t capacity = walk->capacity == 0 ? 16 : walk->capacity * 2;
    struct level *levels = walk->depth < MOST_LEVELS ? realloc(walk->levels, capacity * sizeof *levels) : NULL;
    if (levels == NULL) {
      close(fd);
      errno = ENOMEM;
      return false;
    }
    walk->levels = levels;
    walk->capacity = capacity;
  }
  DIR *folder = fdopendir(fd);
  if (folder == NULL) {
    int error = errno;
    close(fd);
    errno = error;
    return false;
  }
  walk->levels[walk->depth++] = (struct level){folder, path_length};
  return true;
}

bool walk_begin(struct walk *walk, int folder) {
  walk->levels = NULL;
  walk->depth = 0;
  walk->capacity = 0;
  walk->path[0] = 0;
  return add_level(walk, folder, 0);
}

static struct level *innermost(const struct walk *walk) { return &walk->levels[walk->depth - 1]; }

static bool set_name(struct walk *walk, const char *name) {
  size_t before = innermost(walk)->path_length;
  size_t length = strlen(name);
  if (before + 1 + length >= sizeof walk->path) {
    errno = ENAMETOOLONG;
    return false;
  }
  if (before > 0) walk->path[before++] = '/';
  memcpy(walk->path + before, name, length + 1);
  return true;
}

const char *walk_next(struct walk *walk) {
  while (true) {
    errno = 0;
    const struct dirent *entry = readdir(innermost(walk)->folder);
    if (entry == NULL) return NULL;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    return set_name(walk, entry->d_name) ? entry->d_name : NULL;
  }
}

bool walk_enter(struct walk *walk, const char *name) {
  int fd = openat(walk_folder(walk), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  return fd >= 0 && add_level(walk, fd, strlen(walk->path));
}

void walk_leave(struct walk *walk) {
  walk->path[innermost(walk)->path_length] = 0;
  closedir(innermost(walk)->folder);
  walk->depth--;
}

const char *walk_last_name(const struct walk *walk) {
  const char *slash = strrchr(walk->path, '/');
  return slash == NULL ? walk->path : slash + 1;
}

int walk_folder(const struct walk *walk) { return dirfd(innermost(walk)->folder); }

void walk_free(struct walk *walk) {
  while (walk->depth > 0) walk_leave(walk);
  free(walk->levels);
  walk->levels = NULL;
}
