/* One stream: frames that come in, answers that go out, and the channels that are open on it. */
#ifndef CLIENT_H
#define CLIENT_H

#include "bytes.h"
#include "loop.h"
#include "wire.h"

struct runner;
struct client;
struct channel;

/* How a channel behaves whose answers take more than one turn. */
struct channel_kind {
  /* Sends what credit and room allow. True: there is more to do at once, it only made way for others. */
  bool (*pump)(struct channel *channel);
  /* A further frame of the client. False: it makes no sense here. */
  bool (*frame)(struct channel *channel, uint8_t type, struct reader *payload);
  /* Gives back what the channel holds, but not its own memory. */
  void (*close)(struct channel *channel);
};

/* First member of what each kind keeps. */
struct channel {
  const struct channel_kind *kind;
  struct channel *next;
  struct client *client;
  uint32_t number;
  int64_t credit;
  bool closed;
};

struct client {
  struct client *next;
  struct runner *runner;
  struct watch watch;
  struct bytes in;
  struct bytes out;
  struct channel *channels;
  unsigned channel_count;
  size_t frame_at;  /* where the answer that is being written begins in `out` */
  uint64_t busy;    /* now_ms() when its buffers were last in use */
  uint64_t heard;   /* now_ms() of its last bytes */
  uint64_t leaving; /* it sends nothing more: until then what is queued may still go out; 0: it has not left */
  bool broken;
};

/* Takes a connection; it is the caller's again where that fails. */
bool client_accept(struct runner *runner, int fd);
/* One turn of all clients: what was read is carried out, what is ready is sent. True: there is more to do at once. */
bool clients_turn(struct runner *runner);
bool clients_flushed(const struct runner *runner);
void clients_free(struct runner *runner);
/* Ends the stream instead of an answer; what was answered before still goes out as far as it can at once. */
void client_hang_up(struct client *client);

/* Whether more of what may be long can be queued. What waits in the queue of a slow client is bounded by this. */
bool client_has_room(const struct client *client);

/* An answer is begun, filled, and ended. Where memory is short the client is cut off: it learns of it, and asks again. */
void answer_begin(struct client *client, enum answer type, uint32_t channel);
void answer_u8(struct client *client, uint8_t value);
void answer_u16(struct client *client, uint16_t value);
void answer_u32(struct client *client, uint32_t value);
void answer_u64(struct client *client, uint64_t value);
void answer_data(struct client *client, const void *data, size_t length);
void answer_text(struct client *client, const char *text);
/* How long the payload was. */
uint32_t answer_end(struct client *client);

void answer_empty(struct client *client, enum answer type, uint32_t channel);
void answer_done(struct client *client, uint32_t channel, uint32_t count);
void answer_error(struct client *client, uint32_t channel, enum problem problem, int error, const char *message);

/* Makes a channel of `size` bytes. NULL, after an answer that says why, where there is no more room. */
void *channel_open(struct client *client, uint32_t number, const struct channel_kind *kind, size_t size);
struct channel *channel_find(struct client *client, uint32_t number);
/* The last answer of the channel, and its end. */
void channel_end(struct channel *channel);
void channel_fail(struct channel *channel, enum problem problem, int error, const char *message);
/* The frames of a channel on which the runner does the talking: CREDIT and CANCEL. False: it is none of them. */
bool channel_takes_credit(struct channel *channel, uint8_t type, struct reader *payload);

#endif
