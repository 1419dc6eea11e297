/* REMOVE: a name and all that is below it. */
#ifndef REMOVE_H
#define REMOVE_H

#include "client.h"

void request_remove(struct client *client, uint32_t channel, struct reader *payload);

#endif
