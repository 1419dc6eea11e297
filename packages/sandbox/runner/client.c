#include "client.h"

#include "peer.h"
#include "requests.h"
#include "runner.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_CLIENTS 64u
/* Long answers are queued up to the first, and no request is carried out above the second. */
#define QUEUE_LONG (256u * 1024u)
#define QUEUE_MOST (512u * 1024u)
#define MOST_REQUESTS_PER_TURN 64u
/* Living clients ping every few seconds. */
#define SILENT_MS 120000u
#define LEAVE_MS 5000u
#define LOOK_AT_TIMES_MS 1000u
/* Larger buffers are given back once they were empty for so long; not at once, the next frame may be as large. */
#define SMALL_BUFFER (16u * 1024u)
#define SMALL_AFTER_MS 1000u

bool client_has_room(const struct client *client) { return !client->broken && client->out.length < QUEUE_LONG; }

static bool takes_requests(const struct client *client) {
  return !client->broken && client->out.length < QUEUE_MOST;
}

/* How many bytes the first frame still lacks; 0: it is there. Sets `broken` where it is too long. */
static size_t lacking(struct client *client) {
  if (client->in.length < FRAME_HEADER) return FRAME_HEADER - client->in.length;
  uint32_t length = load_u32(client->in.data);
  if (length > MOST_PAYLOAD_IN) {
    client->broken = true;
    return 0;
  }
  size_t whole = FRAME_HEADER + (size_t)length;
  return client->in.length >= whole ? 0 : whole - client->in.length;
}

static void on_readable(struct client *client) {
  size_t wanted = lacking(client);
  if (client->broken) return;
  /* Never far ahead of what is being carried out. */
  if (wanted < 64u * 1024u) wanted = 64u * 1024u;
  uint8_t *scratch = client->runner->scratch;
  while (wanted > 0) {
    size_t most = sizeof client->runner->scratch;
    ssize_t count = recv(client->watch.fd, scratch, wanted < most ? wanted : most, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) {
      client->broken = true;
      return;
    }
    client->heard = now_ms();
    if (count == 0) {
      client->leaving = client->heard + LEAVE_MS;
      return;
    }
    if (!bytes_append(&client->in, scratch, (size_t)count)) {
      client->broken = true;
      return;
    }
    wanted -= (size_t)count;
    if ((size_t)count < most) return;
  }
}

static void flush(struct client *client) {
  size_t sent = 0;
  while (!client->broken && sent < client->out.length) {
    ssize_t count =
        send(client->watch.fd, client->out.data + sent, client->out.length - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) {
      client->broken = true;
      return;
    }
    sent += (size_t)count;
  }
  if (sent > 0) bytes_shift(&client->out, sent);
}

void client_hang_up(struct client *client) {
  flush(client);
  client->broken = true;
}

static void on_ready(struct watch *watch, uint32_t events) {
  struct client *client = OWNER(watch, struct client, watch);
  if (events & EPOLLERR) client->broken = true;
  if (!client->broken && events & EPOLLOUT) flush(client);
  if (!client->broken && client->leaving == 0 && events & (EPOLLIN | EPOLLHUP)) on_readable(client);
}

/* True: there may be further ones. */
static bool carry_out_requests(struct client *client) {
  size_t used = 0;
  unsigned count = 0;
  while (takes_requests(client) && count < MOST_REQUESTS_PER_TURN) {
    size_t left = client->in.length - used;
    if (left < FRAME_HEADER) break;
    uint8_t *frame = client->in.data + used;
    uint32_t length = load_u32(frame);
    if (length > MOST_PAYLOAD_IN) {
      client->broken = true;
      break;
    }
    if (left - FRAME_HEADER < length) break;
    struct reader payload = {frame + FRAME_HEADER, frame + FRAME_HEADER + length, false};
    carry_out(client, frame[4], load_u32(frame + 5), &payload);
    used += FRAME_HEADER + length;
    count++;
  }
  if (used > 0) bytes_shift(&client->in, used);
  return count == MOST_REQUESTS_PER_TURN || !takes_requests(client);
}

static void sweep_channels(struct client *client, bool all) {
  struct channel **at = &client->channels;
  while (*at != NULL) {
    struct channel *channel = *at;
    if (all && !channel->closed) {
      channel->closed = true;
      channel->kind->close(channel);
    }
    if (!channel->closed) {
      at = &channel->next;
      continue;
    }
    *at = channel->next;
    client->channel_count--;
    free(channel);
  }
}

/* The first becomes the last, so that no channel with much to say holds up the others. */
static void rotate_channels(struct client *client) {
  struct channel *first = client->channels;
  if (first == NULL || first->next == NULL) return;
  struct channel *last = first;
  while (last->next != NULL) last = last->next;
  client->channels = first->next;
  first->next = NULL;
  last->next = first;
}

static bool pump_channels(struct client *client) {
  bool more = false;
  for (struct channel *channel = client->channels; channel != NULL && !client->broken; channel = channel->next) {
    if (!channel->closed && channel->kind->pump(channel)) more = true;
  }
  sweep_channels(client, false);
  rotate_channels(client);
  return more;
}

static void give_back(struct client *client) {
  if (client->in.length > 0 || client->out.length > 0) {
    client->busy = now_ms();
  } else if (client->in.capacity + client->out.capacity > SMALL_BUFFER && now_ms() - client->busy > SMALL_AFTER_MS) {
    bytes_free(&client->in);
    bytes_free(&client->out);
  }
}

static bool client_turn(struct client *client) {
  bool requests = carry_out_requests(client);
  bool answers = pump_channels(client);
  give_back(client);
  flush(client);
  bool more = (requests && takes_requests(client)) || (answers && client_has_room(client));
  if (client->leaving > 0) {
    /* Nobody takes what is still to come, but what was asked before the end was asked. */
    if (!more) sweep_channels(client, true);
    if (!more && client->out.length == 0) client->broken = true;
    if (now_ms() >= client->leaving) client->broken = true;
  }
  if (now_ms() - client->heard > SILENT_MS) client->broken = true;
  if (client->broken) return false;
  uint32_t events = 0;
  if (client->leaving == 0 && takes_requests(client)) events |= EPOLLIN;
  if (client->out.length > 0) events |= EPOLLOUT;
  if (!watch_for(&client->runner->loop, &client->watch, events)) client->broken = true;
  return more;
}

static void client_free(struct client *client) {
  sweep_channels(client, true);
  watch_close(&client->runner->loop, &client->watch);
  bytes_free(&client->in);
  bytes_free(&client->out);
  struct runner *runner = client->runner;
  runner->client_count--;
  free(client);
  expiry_touch(runner);
}

/* Only that there is a turn. */
static void on_client_times(struct timer *timer) { (void)timer; }

bool clients_turn(struct runner *runner) {
  bool more = false;
  struct client **at = &runner->clients;
  while (*at != NULL) {
    struct client *client = *at;
    if (!client->broken && client_turn(client)) more = true;
    if (client->broken) {
      *at = client->next;
      client_free(client);
    } else {
      at = &client->next;
    }
  }
  runner->client_times.due = on_client_times;
  if (runner->clients != NULL && !runner->client_times.armed) {
    timer_set(&runner->loop, &runner->client_times, now_ms() + LOOK_AT_TIMES_MS);
  }
  return more;
}

bool clients_flushed(const struct runner *runner) {
  for (const struct client *client = runner->clients; client != NULL; client = client->next) {
    if (client->out.length > 0) return false;
  }
  return true;
}

void clients_free(struct runner *runner) {
  while (runner->clients != NULL) {
    struct client *client = runner->clients;
    runner->clients = client->next;
    client_free(client);
  }
}

bool client_accept(struct runner *runner, int fd) {
  if (runner->client_count >= MOST_CLIENTS) return false;
  if (!runner->settings->any_client && !peer_is_from_outside(fd)) return false;
  struct client *client = calloc(1, sizeof *client);
  if (client == NULL) return false;
  client->runner = runner;
  client->watch = (struct watch){.fd = fd, .ready = on_ready};
  client->heard = now_ms();
  if (!watch_for(&runner->loop, &client->watch, EPOLLIN)) {
    free(client);
    return false;
  }
  client->next = runner->clients;
  runner->clients = client;
  runner->client_count++;
  return true;
}
