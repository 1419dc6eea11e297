#include "requests.h"

#include "attach.h"
#include "command.h"
#include "file-names.h"
#include "file-read.h"
#include "file-write.h"
#include "info.h"
#include "input.h"
#include "list.h"
#include "listing.h"
#include "ports.h"
#include "remove.h"
#include "runner.h"
#include "start.h"

static void request_hello(struct client *client, uint32_t channel, struct reader *payload) {
  const struct runner *runner = client->runner;
  read_u32(payload);
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "HELLO cannot be read");
    return;
  }
  uint64_t now = now_ms();
  uint64_t at = runner->expiry.at;
  answer_begin(client, ANSWER_HELLO, channel);
  answer_u32(client, PROTOCOL_VERSION);
  answer_data(client, runner->boot_id, sizeof runner->boot_id);
  answer_u64(client, wall_ms());
  answer_u64(client, now - runner->booted);
  answer_u64(client, at == UINT64_MAX ? at : at > now ? at - now : 0);
  answer_end(client);
  answer_empty(client, ANSWER_END, channel);
}

static void request_ping(struct client *client, uint32_t channel, struct reader *payload) {
  struct text data = read_rest(payload);
  if (data.length != 8) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "PING has 8 bytes");
    return;
  }
  answer_begin(client, ANSWER_PONG, channel);
  answer_data(client, data.data, data.length);
  answer_end(client);
  answer_empty(client, ANSWER_END, channel);
}

typedef void request_function(struct client *client, uint32_t channel, struct reader *payload);

/* Those that open a channel. */
static request_function *const opening[256] = {
    [REQUEST_HELLO] = request_hello,
    [REQUEST_PING] = request_ping,
    [REQUEST_ENV] = request_env,
    [REQUEST_START] = request_start,
    [REQUEST_ATTACH] = request_attach,
    [REQUEST_STDIN] = request_stdin,
    [REQUEST_STDIN_CLOSE] = request_stdin_close,
    [REQUEST_SIGNAL] = request_signal,
    [REQUEST_KILL] = request_kill,
    [REQUEST_COMMANDS] = request_commands,
    [REQUEST_FORGET] = request_forget,
    [REQUEST_RESIZE] = request_resize,
    [REQUEST_STAT] = request_stat,
    [REQUEST_LIST] = request_list,
    [REQUEST_READ] = request_read,
    [REQUEST_WRITE] = request_write,
    [REQUEST_REMOVE] = request_remove,
    [REQUEST_FOLDER] = request_folder,
    [REQUEST_LINK] = request_link,
    [REQUEST_CONNECT] = request_connect,
    [REQUEST_INFO] = request_info,
    [REQUEST_EXPIRE] = request_expire,
    [REQUEST_SHUTDOWN] = request_shutdown,
};

/* Those that belong to a channel that is open. */
static bool is_further(uint8_t type) {
  switch (type) {
    case REQUEST_CREDIT:
    case REQUEST_CHUNK:
    case REQUEST_COMMIT:
    case REQUEST_CANCEL:
    case REQUEST_PORT_DATA:
    case REQUEST_PORT_END:
      return true;
    default:
      return false;
  }
}

void carry_out(struct client *client, uint8_t type, uint32_t number, struct reader *payload) {
  struct channel *channel = channel_find(client, number);
  if (is_further(type)) {
    /* It may have crossed the channel's end. */
    if (channel == NULL) return;
    if (!channel->kind->frame(channel, type, payload)) {
      channel_fail(channel, PROBLEM_BAD_REQUEST, 0, "the frame does not belong to this channel, or cannot be read");
    }
  } else if (channel != NULL) {
    channel_fail(channel, PROBLEM_BAD_REQUEST, 0, "the channel is open already");
  } else if (number == 0 || opening[type] == NULL) {
    answer_error(client, number, PROBLEM_BAD_REQUEST, 0, number == 0 ? "channel 0 is nobody's" : "no such request");
  } else {
    opening[type](client, number, payload);
  }
}
