/* What a client asks for, by the type of its frame. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "client.h"

void carry_out(struct client *client, uint8_t type, uint32_t channel, struct reader *payload);

#endif
