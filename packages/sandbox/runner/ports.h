/* CONNECT: a connection to a port of the sandbox, through the client's stream. */
#ifndef PORTS_H
#define PORTS_H

#include "client.h"

void request_connect(struct client *client, uint32_t channel, struct reader *payload);

#endif
