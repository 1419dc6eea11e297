/* Requests about a command that is there. */
#include "command.h"

#include "runner.h"
#include "tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>

/* The command that a request names, or NULL after the answer. */
static struct command *named(struct client *client, uint32_t channel, const struct reader *payload, struct text id) {
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "the payload cannot be read");
    return NULL;
  }
  struct command *command = command_find(client->runner, id);
  if (command == NULL) answer_error(client, channel, PROBLEM_UNKNOWN_COMMAND, 0, "no such command");
  return command;
}

static uint32_t signal_group(const struct command *command, int number) {
  if (tree_number_is_others(command)) return 0;
  return kill(-command->pid, number) == 0 ? 1 : 0;
}

void request_signal(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  uint8_t number = read_u8(payload);
  uint8_t whole_tree = read_u8(payload);
  struct command *command = named(client, channel, payload, id);
  if (command == NULL) return;
  if (number < 1 || number > 64 || whole_tree > 1) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "signals are 1 to 64, tree is 0 or 1");
    return;
  }
  if (command->running) command->sent_signal = number;
  answer_done(client, channel, whole_tree == 1 ? tree_signal(command, number)
                                               : signal_group(command, number));
}

void request_kill(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  uint32_t grace = read_u32(payload);
  struct command *command = named(client, channel, payload, id);
  if (command == NULL) return;
  if (command->running) command->flags |= EXIT_KILLED;
  answer_done(client, channel, ending_begin(&command->ending, grace));
}

void request_forget(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  struct command *command = named(client, channel, payload, id);
  if (command == NULL) return;
  if (!command_has_result(command) || command->ending.active || command->attached != NULL) {
    answer_error(client, channel, PROBLEM_BUSY, 0, "the command runs, is being ended, or is being read");
    return;
  }
  command_remove(command);
  answer_empty(client, ANSWER_END, channel);
}

void request_resize(struct client *client, uint32_t channel, struct reader *payload) {
  struct text id = read_text(payload);
  struct winsize size = {0};
  size.ws_row = read_u16(payload);
  size.ws_col = read_u16(payload);
  struct command *command = named(client, channel, payload, id);
  if (command == NULL) return;
  if (!command->terminal) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "the command has no terminal");
    return;
  }
  /* Once it has ended nobody is left to be told. */
  if (command->outputs[0].open && ioctl(command->outputs[0].watch.fd, TIOCSWINSZ, &size) != 0) {
    answer_error(client, channel, PROBLEM_IO, errno, "the terminal cannot be resized");
    return;
  }
  answer_empty(client, ANSWER_END, channel);
}
