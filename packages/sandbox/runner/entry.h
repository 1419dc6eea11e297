/* What a client is told of a file. */
#ifndef ENTRY_H
#define ENTRY_H

#include "client.h"

#include <sys/stat.h>

/* `target` is where a link leads, else "". The length of the payload. */
uint32_t answer_entry(struct client *client, uint32_t channel, const struct stat *stat, const char *path,
                      const char *target);
/* Where the link leads, as far as it fits; "" where it cannot be read. The name may be "" for an open link itself. */
void read_target(int folder, const char *name, char *target, size_t size);

#endif
