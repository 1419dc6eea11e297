/* COMMANDS: all commands, the oldest first. */
#ifndef LISTING_H
#define LISTING_H

#include "client.h"

void request_commands(struct client *client, uint32_t channel, struct reader *payload);

#endif
