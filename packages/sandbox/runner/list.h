/* LIST: what is in a folder. */
#ifndef LIST_H
#define LIST_H

#include "client.h"

void request_list(struct client *client, uint32_t channel, struct reader *payload);

#endif
