/*
 * Names of files as clients give them. What is relative, or absolute and below the work folder, stays below it whatever
 * links say: the kernel itself refuses the step out, so that nothing can change between a look and an act. Another absolute
 * path is taken as it is.
 */
#ifndef PATH_H
#define PATH_H

#include "client.h"

#include <limits.h>
#include <sys/types.h>

struct path {
  int root;              /* where it begins; not the path's own */
  bool below;            /* it has to stay below there */
  char text[PATH_MAX];   /* relative to there, without slashes at its ends; "." for the beginning itself */
};

/* The folder that something is in, and its name there. */
struct place {
  int folder;
  char name[NAME_MAX + 1];
};

/* False with errno: too long, or with a zero. */
bool path_read(struct path *path, struct text text, int work, const char *work_path);
/* Opens it with these flags, O_CLOEXEC added. -1 with errno. */
int path_open(const struct path *path, int flags);
/* The folder that it is in; `make`: it and those before it are made where they are missing. False with errno. */
bool path_place(const struct path *path, bool make, struct place *place);
/* Makes the folder itself, too, or gives the one that is there this mode. False with errno. */
bool path_make_folder(const struct path *path, mode_t mode);

/* What an errno is in the protocol. */
enum problem problem_of(int error);
/* `error` with what it means, or the end of a channel with it. */
void answer_file_error(struct client *client, uint32_t channel, int error);
void channel_file_error(struct channel *channel, int error);

#endif
