#include "command.h"

#include "attach.h"
#include "info.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* So long after its end the output of a command is waited for where somebody else holds it open. */
#define SETTLE_MS 250u
#define MOST_ENDED 1024u
/* Descriptors that are needed for other things than the output of ended commands. */
#define OTHER_FILES 512u

struct command *command_find(const struct runner *runner, struct text id) {
  for (struct command *command = runner->commands; command != NULL; command = command->next) {
    if (text_is(id, command->id)) return command;
  }
  return NULL;
}

static void on_timeout(struct timer *timer) {
  struct command *command = OWNER(timer, struct command, timeout);
  command->flags |= EXIT_TIMED_OUT;
  ending_begin(&command->ending, command->grace);
}

static void on_settling(struct timer *timer) { command_look_whether_settled(OWNER(timer, struct command, settling)); }

struct command *command_add(struct runner *runner, struct text id) {
  struct command *command = calloc(1, sizeof *command);
  if (command == NULL) return NULL;
  memcpy(command->id, id.data, id.length);
  command->runner = runner;
  command->serial = runner->next_serial++;
  command->timeout.due = on_timeout;
  command->settling.due = on_settling;
  ending_init(&command->ending, runner, command);
  command->input.watch.fd = -1;
  for (int index = 0; index < 2; index++) output_open(&command->outputs[index], command, (uint8_t)(index + 1), -1);
  struct command **last = &runner->commands;
  while (*last != NULL) last = &(*last)->next;
  *last = command;
  runner->command_count++;
  return command;
}

void command_remove(struct command *command) {
  struct runner *runner = command->runner;
  for (struct command **at = &runner->commands; *at != NULL; at = &(*at)->next) {
    if (*at == command) {
      *at = command->next;
      break;
    }
  }
  runner->command_count--;
  timer_clear(&runner->loop, &command->timeout);
  timer_clear(&runner->loop, &command->settling);
  ending_stop(&command->ending);
  for (int index = 0; index < 2; index++) {
    output_close(&command->outputs[index]);
    output_forget_all(&command->outputs[index]);
  }
  input_free(&command->input);
  bytes_free(&command->arguments);
  free(command);
}

static bool is_left(const struct command *command) {
  return command->settled && command->attached == NULL && !command->ending.active;
}

void commands_give_way(struct runner *runner) {
  unsigned most = MOST_ENDED;
  struct rlimit files;
  /* Each may hold two files. */
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 2 * MOST_ENDED + OTHER_FILES) {
    most = files.rlim_cur > 2 * OTHER_FILES ? (unsigned)(files.rlim_cur - OTHER_FILES) / 2 : 64;
  }
  struct command *command = runner->commands;
  while (command != NULL && runner->command_count - runner->running_count > most) {
    struct command *next = command->next;
    if (is_left(command)) command_remove(command);
    command = next;
  }
}

void command_started(struct command *command, pid_t pid, uint32_t timeout) {
  struct runner *runner = command->runner;
  for (struct command *other = runner->commands; other != NULL; other = other->next) {
    if (other != command && other->pid == pid) other->pid_is_others = true;
  }
  command->pid = pid;
  command->running = true;
  command->started = wall_ms();
  runner->running_count++;
  if (timeout > 0) timer_set(&runner->loop, &command->timeout, now_ms() + timeout);
}

void commands_reaped(struct runner *runner, pid_t pid, int status) {
  struct command *command = runner->running_count > 0 ? runner->commands : NULL;
  while (command != NULL && !(command->running && command->pid == pid)) command = command->next;
  if (command == NULL) return;
  command->running = false;
  command->ended = wall_ms();
  if (command->ended < command->started) command->ended = command->started;
  runner->running_count--;
  if (WIFSIGNALED(status)) {
    command->kind = EXIT_KIND_SIGNAL;
    command->code = (uint32_t)WTERMSIG(status);
    if (command->code == command->sent_signal) command->flags |= EXIT_KILLED;
  } else {
    command->kind = EXIT_KIND_CODE;
    command->code = (uint32_t)WEXITSTATUS(status);
  }
  if (out_of_memory_kills(runner) > command->out_of_memory_before) command->flags |= EXIT_OUT_OF_MEMORY;
  timer_clear(&runner->loop, &command->timeout);
  input_close(&command->input);
  for (int index = 0; index < 2; index++) output_wake(&command->outputs[index]);
  timer_set(&runner->loop, &command->settling, now_ms() + SETTLE_MS);
  command_look_whether_settled(command);
  expiry_touch(runner);
}

void command_look_whether_settled(struct command *command) {
  if (command->running || command->settled || command->ended == 0) return;
  bool closed = !command->outputs[0].open && !command->outputs[1].open;
  if (!closed) {
    if (command->settling.armed) return;
    if (!output_caught_up(&command->outputs[0]) || !output_caught_up(&command->outputs[1])) {
      timer_set(&command->runner->loop, &command->settling, now_ms() + 10);
      return;
    }
  }
  timer_clear(&command->runner->loop, &command->settling);
  command->settled = true;
  commands_give_way(command->runner);
}

bool command_has_result(const struct command *command) { return command->settled && !command->cut_off; }

void commands_cut_off(struct runner *runner) {
  for (struct command *command = runner->commands; command != NULL; command = command->next) {
    if (!command->settled) command->cut_off = true;
  }
}

void answer_exit(struct client *client, uint32_t channel, const struct command *command) {
  answer_begin(client, ANSWER_EXIT, channel);
  answer_u8(client, command->kind);
  answer_u32(client, command->code);
  answer_u8(client, command->flags);
  answer_u64(client, command->started);
  answer_u64(client, command->ended);
  answer_u64(client, command->outputs[0].end);
  answer_u64(client, command->outputs[1].end);
  answer_end(client);
}
