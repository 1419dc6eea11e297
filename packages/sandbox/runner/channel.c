/* The channels of a client. */
#include "client.h"

#include <stdlib.h>

/* A client with more than this does something wrong; each costs memory. */
#define MOST_CHANNELS 1024u

void *channel_open(struct client *client, uint32_t number, const struct channel_kind *kind, size_t size) {
  struct channel *channel = client->channel_count < MOST_CHANNELS ? calloc(1, size) : NULL;
  if (channel == NULL) {
    answer_error(client, number, PROBLEM_TOO_MANY, 0, "too many channels are open");
    return NULL;
  }
  channel->kind = kind;
  channel->client = client;
  channel->number = number;
  /* At the end: who came first is served first. */
  struct channel **last = &client->channels;
  while (*last != NULL) last = &(*last)->next;
  *last = channel;
  client->channel_count++;
  return channel;
}

struct channel *channel_find(struct client *client, uint32_t number) {
  for (struct channel *channel = client->channels; channel != NULL; channel = channel->next) {
    if (channel->number == number && !channel->closed) return channel;
  }
  return NULL;
}

/* Its memory stays until the turn is over: whoever called may still look at it. */
static void channel_close(struct channel *channel) {
  if (channel->closed) return;
  channel->closed = true;
  channel->kind->close(channel);
}

void channel_end(struct channel *channel) {
  if (channel->closed) return;
  answer_empty(channel->client, ANSWER_END, channel->number);
  channel_close(channel);
}

void channel_fail(struct channel *channel, enum problem problem, int error, const char *message) {
  if (channel->closed) return;
  answer_error(channel->client, channel->number, problem, error, message);
  channel_close(channel);
}

bool channel_takes_credit(struct channel *channel, uint8_t type, struct reader *payload) {
  if (type == REQUEST_CREDIT) {
    channel->credit += read_u32(payload);
    return read_whole(payload);
  }
  if (type != REQUEST_CANCEL || !read_whole(payload)) return false;
  channel_end(channel);
  return true;
}
