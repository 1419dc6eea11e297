#include "listing.h"

#include "command.h"
#include "runner.h"

#include <string.h>

/* Where the list goes on is a name, not a place: commands may come and go between two turns. */
struct listing {
  struct channel channel;
  uint64_t next; /* the serial number of the command that comes next */
};

static void answer_command(struct client *client, uint32_t channel, const struct command *command) {
  bool has_result = command_has_result(command);
  answer_begin(client, ANSWER_COMMAND, channel);
  answer_text(client, command->id);
  answer_u8(client, has_result ? 2 : 1);
  answer_u64(client, command->started);
  answer_u64(client, has_result ? command->ended : 0);
  answer_u8(client, has_result ? command->kind : 0);
  answer_u32(client, has_result ? command->code : 0);
  answer_u8(client, command->flags);
  answer_u32(client, command->argument_count);
  answer_data(client, command->arguments.data, command->arguments.length);
  answer_end(client);
}

static bool listing_pump(struct channel *channel) {
  struct listing *listing = OWNER(channel, struct listing, channel);
  const struct command *command = channel->client->runner->commands;
  for (; command != NULL; command = command->next) {
    if (command->serial < listing->next) continue;
    if (!client_has_room(channel->client)) return true;
    answer_command(channel->client, channel->number, command);
    listing->next = command->serial + 1;
  }
  channel_end(channel);
  return false;
}

static bool listing_frame(struct channel *channel, uint8_t type, struct reader *payload) {
  if (type != REQUEST_CANCEL || !read_whole(payload)) return false;
  channel_end(channel);
  return true;
}

static void listing_close(struct channel *channel) { (void)channel; }

static const struct channel_kind listing_kind = {listing_pump, listing_frame, listing_close};

void request_commands(struct client *client, uint32_t channel, struct reader *payload) {
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "COMMANDS has no payload");
    return;
  }
  channel_open(client, channel, &listing_kind, sizeof(struct listing));
}
