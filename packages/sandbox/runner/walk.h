/* Goes through a folder and what is in it, a step at a time, and never through a link. */
#ifndef WALK_H
#define WALK_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct level {
  DIR *folder;
  size_t path_length; /* of what comes before the names in it */
};

struct walk {
  struct level *levels;
  size_t depth;
  size_t capacity;
  char path[PATH_MAX]; /* relative to where it began */
};

/* The descriptor is the walk's from now on, also where this fails with errno. */
bool walk_begin(struct walk *walk, int folder);
/* The next name in the innermost folder, with the path set to it; NULL at the end of that folder, or with errno. */
const char *walk_next(struct walk *walk);
/* Goes into the folder whose name was last. False with errno. */
bool walk_enter(struct walk *walk, const char *name);
/* Leaves the innermost folder, with the path set to it. */
void walk_leave(struct walk *walk);
/* The last name of the path: of the folder that was just left. */
const char *walk_last_name(const struct walk *walk);
/* The innermost folder. */
int walk_folder(const struct walk *walk);
void walk_free(struct walk *walk);

#endif
