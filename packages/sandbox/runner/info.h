/* What the kernel tells of the sandbox as a whole. */
#ifndef INFO_H
#define INFO_H

#include "client.h"

/* Opens what is read at every start and end of a command. */
void info_init(struct runner *runner);
/* How many processes of the container the kernel has killed for memory; 0 where it does not say. */
uint64_t out_of_memory_kills(const struct runner *runner);

void request_info(struct client *client, uint32_t channel, struct reader *payload);

#endif
