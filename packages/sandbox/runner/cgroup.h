/* Files of the container's own control group, of version 2 or 1. */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* A descriptor, or -1. The controller tells where the file is in version 1. */
int cgroup_open(const char *controller, const char *file);
/* The number in a file that has only that. False where there is none, also where it says `max`. */
bool cgroup_number(const char *controller, const char *file, uint64_t *value);
/* The number behind a name, in a file of lines `name number`. */
bool cgroup_field(int fd, const char *name, uint64_t *value);

#endif
