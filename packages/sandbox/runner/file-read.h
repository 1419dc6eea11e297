/* READ: a file in pieces, as far as the client has room. */
#ifndef FILE_READ_H
#define FILE_READ_H

#include "client.h"

void request_read(struct client *client, uint32_t channel, struct reader *payload);

#endif
