/* START and ENV: new commands, and what they find in their environment. */
#ifndef START_H
#define START_H

#include "client.h"

void request_env(struct client *client, uint32_t channel, struct reader *payload);
void request_start(struct client *client, uint32_t channel, struct reader *payload);

#endif
