#include "attach.h"

#include "command.h"
#include "runner.h"

#define TAKES_EVERY_MS 10000u

struct attach {
  struct channel channel;
  struct command *command;
  struct attach *next; /* of the same command */
  uint64_t at[2];
  uint64_t until[2]; /* without follow: what was written when it began */
  uint64_t taken;    /* now_ms() when something was last taken */
  unsigned turn;     /* the stream whose turn it is */
  bool follow;
};

uint64_t attach_oldest(const struct output *output) {
  uint64_t oldest = UINT64_MAX;
  uint64_t now = now_ms();
  for (const struct attach *attach = output->command->attached; attach != NULL; attach = attach->next) {
    if (!attach->follow || now - attach->taken >= TAKES_EVERY_MS) continue;
    uint64_t at = attach->at[output->stream - 1];
    if (at < oldest) oldest = at;
  }
  return oldest;
}

void attach_touch(const struct output *output) {
  for (struct attach *attach = output->command->attached; attach != NULL; attach = attach->next) {
    if (attach->at[output->stream - 1] >= output->end) attach->taken = now_ms();
  }
}

static void send_lost(struct attach *attach, const struct output *output, uint64_t to) {
  unsigned index = output->stream - 1u;
  struct client *client = attach->channel.client;
  answer_begin(client, ANSWER_LOST, attach->channel.number);
  answer_u8(client, output->stream);
  answer_u64(client, attach->at[index]);
  answer_u64(client, to);
  answer_end(client);
  attach->at[index] = to;
}

/* How far this one is to get of the stream. */
static uint64_t goal(const struct attach *attach, const struct output *output) {
  unsigned index = output->stream - 1u;
  return attach->follow || output->end < attach->until[index] ? output->end : attach->until[index];
}

/* One frame of one stream. False: there is nothing to send of it now. */
static bool send_some(struct attach *attach, struct output *output) {
  uint64_t *at = &attach->at[output->stream - 1];
  struct client *client = attach->channel.client;
  uint64_t to = goal(attach, output);
  if (*at >= to) return false;
  if (*at < output->start) {
    send_lost(attach, output, output->start < to ? output->start : to);
    return true;
  }
  if (attach->channel.credit <= 0) return false;
  uint64_t length = to - *at;
  if (length > MOST_DATA_OUT) length = MOST_DATA_OUT;
  if (length > (uint64_t)attach->channel.credit) length = (uint64_t)attach->channel.credit;
  uint8_t *scratch = client->runner->scratch;
  ssize_t count = output_read(output, *at, scratch, (size_t)length);
  if (count <= 0) {
    /* The disk does not give back what it took. */
    attach->command->flags |= EXIT_DISK_FULL;
    send_lost(attach, output, to);
    return true;
  }
  answer_begin(client, ANSWER_OUT, attach->channel.number);
  answer_u8(client, output->stream);
  answer_u64(client, *at);
  answer_data(client, scratch, (size_t)count);
  answer_end(client);
  *at += (uint64_t)count;
  attach->channel.credit -= count;
  attach->taken = now_ms();
  output_wake(output);
  return true;
}

static bool has_all(const struct attach *attach) {
  for (unsigned index = 0; index < 2; index++) {
    const struct output *output = &attach->command->outputs[index];
    if (attach->at[index] < goal(attach, output)) return false;
  }
  return true;
}

/* EXIT tells how much there is: who got less than that would take the rest for lost. */
static bool may_have_exit(const struct attach *attach) {
  const struct output *outputs = attach->command->outputs;
  return command_has_result(attach->command) && attach->at[0] >= outputs[0].end && attach->at[1] >= outputs[1].end;
}

static bool attach_pump(struct channel *channel) {
  struct attach *attach = OWNER(channel, struct attach, channel);
  struct output *outputs = attach->command->outputs;
  while (client_has_room(channel->client)) {
    unsigned turn = attach->turn;
    attach->turn = 1 - turn;
    if (send_some(attach, &outputs[turn]) || send_some(attach, &outputs[1 - turn])) continue;
    bool has_result = may_have_exit(attach);
    /* One that is cut off is followed until the stream ends. */
    if (has_all(attach) && (has_result || !attach->follow)) {
      if (has_result) answer_exit(channel->client, channel->number, attach->command);
      channel_end(channel);
    }
    return false;
  }
  return true;
}

static bool attach_frame(struct channel *channel, uint8_t type, struct reader *payload) {
  if (type == REQUEST_CREDIT) OWNER(channel, struct attach, channel)->taken = now_ms();
  return channel_takes_credit(channel, type, payload);
}

static void attach_close(struct channel *channel) {
  struct attach *attach = OWNER(channel, struct attach, channel);
  for (struct attach **at = &attach->command->attached; *at != NULL; at = &(*at)->next) {
    if (*at == attach) {
      *at = attach->next;
      break;
    }
  }
  output_wake(&attach->command->outputs[0]);
  output_wake(&attach->command->outputs[1]);
}

static const struct channel_kind attach_kind = {attach_pump, attach_frame, attach_close};

void request_attach(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  uint64_t from[2];
  from[0] = read_u64(payload);
  from[1] = read_u64(payload);
  uint32_t window = read_u32(payload);
  uint8_t follow = read_u8(payload);
  if (!read_whole(payload) || follow > 1) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "ATTACH cannot be read");
    return;
  }
  struct command *command = command_find(client->runner, id);
  if (command == NULL) {
    answer_error(client, channel, PROBLEM_UNKNOWN_COMMAND, 0, "no such command");
    return;
  }
  struct attach *attach = channel_open(client, channel, &attach_kind, sizeof *attach);
  if (attach == NULL) return;
  attach->channel.credit = window;
  attach->command = command;
  attach->follow = follow == 1;
  attach->taken = now_ms();
  for (unsigned index = 0; index < 2; index++) {
    attach->at[index] = from[index];
    attach->until[index] = command->outputs[index].end;
  }
  attach->next = command->attached;
  command->attached = attach;
}
