/* A client that reads what a command wrote and writes. */
#ifndef ATTACH_H
#define ATTACH_H

#include "client.h"

struct output;

void request_attach(struct client *client, uint32_t channel, struct reader *payload);
/* The first byte that somebody who follows, and lately took something, has still to get; UINT64_MAX: nobody. */
uint64_t attach_oldest(const struct output *output);
/* Before there is more output: who has had all of it until now was not slow. */
void attach_touch(const struct output *output);

#endif
