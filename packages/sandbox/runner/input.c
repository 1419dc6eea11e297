#include "input.h"

#include "command.h"
#include "runner.h"

#include <errno.h>
#include <unistd.h>

/* What comes beyond is not taken: the answer says how far it was, and comes once there is room again. */
#define MOST_PENDING (256u * 1024u)
/* What ends the input of a terminal: control and D. */
#define END_OF_TERMINAL 4

/* A client that waits until its data was written, or the end was. */
struct input_wait {
  struct channel channel;
  struct input *input;
  struct input_wait *next;
  uint64_t until;
  bool for_end;
};

static uint64_t written(const struct input *input) { return input->taken - input->pending.length; }

static void acknowledge(struct client *client, uint32_t channel, const struct input *input) {
  answer_begin(client, ANSWER_STDIN_ACK, channel);
  answer_u64(client, input->taken);
  answer_u8(client, input->open ? 0 : 1);
  answer_end(client);
}

static bool ends_line(uint8_t byte) { return byte == '\n' || byte == '\r' || byte == END_OF_TERMINAL; }

/* All that is pending, as far as the command takes it now. False: nobody will read any more. */
static bool write_pending(struct input *input) {
  size_t done = 0;
  bool good = true;
  while (done < input->pending.length) {
    ssize_t count = write(input->watch.fd, input->pending.data + done, input->pending.length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      good = errno == EAGAIN;
      break;
    }
    done += (size_t)count;
  }
  if (done > 0) input->in_line = !ends_line(input->pending.data[done - 1]);
  if (done > 0) bytes_shift(&input->pending, done);
  if (input->pending.length == 0) bytes_free(&input->pending);
  return good;
}

/* In a line that is begun the first one only hands the line over. False: there is no room for it now. */
static bool end_terminal(struct input *input) {
  const uint8_t end = END_OF_TERMINAL;
  for (; input->in_line; input->in_line = false) {
    if (write(input->watch.fd, &end, 1) < 0) return errno != EAGAIN;
  }
  return write(input->watch.fd, &end, 1) == 1 || errno != EAGAIN;
}

static void move_on(struct input *input) {
  if (!input->open) return;
  bool good = write_pending(input);
  if (good && input->pending.length == 0 && written(input) == input->close_at) {
    if (input->command->terminal && !end_terminal(input)) {
      watch_for(&input->command->runner->loop, &input->watch, EPOLLOUT);
      return;
    }
    good = false;
  }
  if (!good || !watch_for(&input->command->runner->loop, &input->watch, input->pending.length > 0 ? EPOLLOUT : 0)) {
    input_close(input);
  }
}

static void on_ready(struct watch *watch, uint32_t events) {
  (void)events;
  move_on(OWNER(watch, struct input, watch));
}

bool input_open(struct input *input, struct command *command, int fd) {
  *input = (struct input){.command = command, .close_at = UINT64_MAX};
  input->watch = (struct watch){.fd = fd, .ready = on_ready};
  input->open = fd >= 0;
  return true;
}

void input_close(struct input *input) {
  if (!input->open) return;
  input->open = false;
  /* What the command can no longer read was not taken. */
  input->taken -= input->pending.length;
  watch_close(&input->command->runner->loop, &input->watch);
  bytes_free(&input->pending);
}

/* Those who waited may live longer than the command's record. */
void input_free(struct input *input) {
  input_close(input);
  while (input->waits != NULL) {
    struct input_wait *wait = input->waits;
    input->waits = wait->next;
    wait->input = NULL;
    channel_fail(&wait->channel, PROBLEM_UNKNOWN_COMMAND, 0, "the command was forgotten");
  }
}

static bool wait_pump(struct channel *channel) {
  struct input_wait *wait = OWNER(channel, struct input_wait, channel);
  const struct input *input = wait->input;
  if (input == NULL) return false;
  if (input->open && (wait->for_end || written(input) < wait->until)) return false;
  acknowledge(channel->client, channel->number, input);
  channel_end(channel);
  return false;
}

static bool wait_frame(struct channel *channel, uint8_t type, struct reader *payload) {
  if (type != REQUEST_CANCEL || !read_whole(payload)) return false;
  channel_end(channel);
  return true;
}

static void wait_close(struct channel *channel) {
  struct input_wait *wait = OWNER(channel, struct input_wait, channel);
  if (wait->input == NULL) return;
  for (struct input_wait **at = &wait->input->waits; *at != NULL; at = &(*at)->next) {
    if (*at == wait) {
      *at = wait->next;
      return;
    }
  }
}

static const struct channel_kind wait_kind = {wait_pump, wait_frame, wait_close};

static void wait_for(struct client *client, uint32_t channel, struct input *input, bool end) {
  struct input_wait *wait = channel_open(client, channel, &wait_kind, sizeof *wait);
  if (wait == NULL) return;
  wait->input = input;
  wait->until = input->taken;
  wait->for_end = end;
  wait->next = input->waits;
  input->waits = wait;
}

/* The input that is meant, or NULL after the answer: that it is closed is an answer as good as any other. */
static struct input *open_input(struct client *client, uint32_t channel, const struct reader *payload, struct text id) {
  if (payload->bad) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "the payload cannot be read");
    return NULL;
  }
  struct command *command = command_find(client->runner, id);
  if (command == NULL) {
    answer_error(client, channel, PROBLEM_UNKNOWN_COMMAND, 0, "no such command");
    return NULL;
  }
  if (command->input.open) return &command->input;
  acknowledge(client, channel, &command->input);
  answer_empty(client, ANSWER_END, channel);
  return NULL;
}

void request_stdin(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  uint64_t offset = read_u64(payload);
  struct text data = read_rest(payload);
  struct input *input = open_input(client, channel, payload, id);
  if (input == NULL) return;
  if (offset > input->taken) {
    answer_error(client, channel, PROBLEM_GAP, 0, "bytes before these have not arrived");
    return;
  }
  /* What was taken already comes again after a stream broke. */
  uint64_t known = input->taken - offset;
  if (known < data.length) {
    const uint8_t *fresh = data.data + known;
    uint64_t length = data.length - known;
    uint64_t before_end = input->close_at - input->taken;
    uint64_t room = MOST_PENDING > input->pending.length ? MOST_PENDING - input->pending.length : 0;
    if (length > before_end) {
      answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "there is data after the end of standard input");
      return;
    }
    if (length > room) length = room;
    if (!bytes_append(&input->pending, fresh, (size_t)length)) {
      answer_error(client, channel, PROBLEM_TOO_MANY, ENOMEM, "no memory for standard input");
      return;
    }
    input->taken += length;
    move_on(input);
  }
  wait_for(client, channel, input, false);
}

void request_stdin_close(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  uint64_t total = read_u64(payload);
  if (!read_whole(payload)) payload->bad = true;
  struct input *input = open_input(client, channel, payload, id);
  if (input == NULL) return;
  if (total < input->taken || (input->close_at != UINT64_MAX && input->close_at != total)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "standard input has another length");
    return;
  }
  input->close_at = total;
  move_on(input);
  wait_for(client, channel, input, true);
}
