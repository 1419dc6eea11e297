/* STAT, FOLDER and LINK: what is done with a name at once. */
#ifndef FILE_NAMES_H
#define FILE_NAMES_H

#include "client.h"
#include "path.h"

void request_stat(struct client *client, uint32_t channel, struct reader *payload);
void request_folder(struct client *client, uint32_t channel, struct reader *payload);
void request_link(struct client *client, uint32_t channel, struct reader *payload);

/* The path of a request that has been read, or false after the answer. */
bool requested_path(struct client *client, uint32_t channel, const struct reader *payload, struct text text,
                    struct path *path);

#endif
