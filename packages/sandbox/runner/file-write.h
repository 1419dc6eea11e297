/* WRITE: a file that gets its name once all of it has come. */
#ifndef FILE_WRITE_H
#define FILE_WRITE_H

#include "client.h"

void request_write(struct client *client, uint32_t channel, struct reader *payload);

#endif
