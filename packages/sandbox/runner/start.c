#include "start.h"

#include "command.h"
#include "environment.h"
#include "runner.h"
#include "spawn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_RUNNING 1024u
/* Of a command's arguments so many bytes are told in lists. */
#define MOST_TOLD 4096u

extern char **environ;

/* What START says. The strings are in `text`, each with a zero at its end. */
struct wanted {
  struct text id;
  uint8_t flags;
  uint32_t timeout;
  uint32_t grace;
  uint16_t rows;
  uint16_t columns;
  char *cwd;
  struct strings arguments;
  struct strings environment;
  struct bytes text;
};

/* The place of a text in `into`, which has room for it; NULL where it holds a zero. */
static char *copy(struct bytes *into, struct text text) {
  if (text_has_nul(text)) return NULL;
  char *start = (char *)into->data + into->length;
  const char zero = 0;
  if (!bytes_append(into, text.data, text.length) || !bytes_append(into, &zero, 1)) return NULL;
  return start;
}

/* A counted list of texts. */
static bool read_strings(struct reader *payload, struct bytes *into, struct strings *strings, bool entries) {
  uint32_t count = read_u32(payload);
  /* Each takes four bytes at least. */
  if (payload->bad || count > (size_t)(payload->end - payload->at) / 4) return false;
  for (uint32_t index = 0; index < count; index++) {
    struct text text = read_text(payload);
    if (payload->bad) return false;
    char *string = copy(into, text);
    if (string == NULL || (entries && !is_entry(string, text.length)) || !strings_add(strings, string)) return false;
  }
  return true;
}

static bool is_id(struct text text) {
  if (text.length < 1 || text.length > MOST_ID) return false;
  for (uint32_t index = 0; index < text.length; index++) {
    uint8_t c = text.data[index];
    bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!good) return false;
  }
  return true;
}

static bool read_wanted(struct reader *payload, struct wanted *wanted) {
  /* Every text has a length of four bytes before it, so its zero fits as well: what is copied never moves. */
  if (!bytes_reserve(&wanted->text, (size_t)(payload->end - payload->at) + 1)) return false;
  wanted->id = read_text(payload);
  wanted->flags = read_u8(payload);
  wanted->timeout = read_u32(payload);
  wanted->grace = read_u32(payload);
  wanted->rows = read_u16(payload);
  wanted->columns = read_u16(payload);
  struct text cwd = read_text(payload);
  if (payload->bad || !is_id(wanted->id) || wanted->flags > (START_STDIN | START_TERMINAL)) return false;
  wanted->cwd = copy(&wanted->text, cwd);
  return wanted->cwd != NULL && read_strings(payload, &wanted->text, &wanted->arguments, false) &&
         read_strings(payload, &wanted->text, &wanted->environment, true) && read_whole(payload) &&
         wanted->arguments.count > 0;
}

static void free_wanted(struct wanted *wanted) {
  strings_free(&wanted->arguments);
  strings_free(&wanted->environment);
  bytes_free(&wanted->text);
}

void request_env(struct client *client, uint32_t channel, struct reader *payload) {
  struct bytes text = {0};
  struct strings strings = {0};
  bool good = bytes_reserve(&text, (size_t)(payload->end - payload->at) + 1) &&
              read_strings(payload, &text, &strings, true) && read_whole(payload);
  strings_free(&strings);
  if (!good) {
    bytes_free(&text);
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "ENV cannot be read, or an entry is not NAME=value");
    return;
  }
  bytes_free(&client->runner->environment);
  client->runner->environment = text;
  answer_empty(client, ANSWER_END, channel);
}

/* The image's, then the clients', then the request's, then the mark by which the command's processes are found. */
static bool gather_environment(const struct runner *runner, const struct wanted *wanted, const char *mark,
                               struct strings *all) {
  for (char **entry = environ; *entry != NULL; entry++) {
    if (!strings_add(all, *entry)) return false;
  }
  const struct bytes *given = &runner->environment;
  for (size_t at = 0; at < given->length; at += strlen((const char *)given->data + at) + 1) {
    if (!strings_add(all, (const char *)given->data + at)) return false;
  }
  for (size_t index = 0; index < wanted->environment.count; index++) {
    if (!strings_add(all, wanted->environment.list[index])) return false;
  }
  if (!strings_add(all, mark) || !environment_unite(all)) return false;
  /* First, so that who looks for it need not read all of a large environment. */
  for (size_t index = all->count - 1; index > 0; index--) all->list[index] = all->list[index - 1];
  all->list[0] = (char *)(uintptr_t)mark;
  return true;
}

/* As COMMAND tells them: each with its length, in all not too long. */
static bool remember_arguments(struct command *command, const struct strings *arguments) {
  size_t left = MOST_TOLD;
  for (size_t index = 0; index < arguments->count && left >= 4; index++) {
    left -= 4;
    size_t length = strlen(arguments->list[index]);
    if (length > left) length = left;
    left -= length;
    uint8_t header[4];
    store_u32(header, (uint32_t)length);
    if (!bytes_append(&command->arguments, header, sizeof header)) return false;
    if (!bytes_append(&command->arguments, arguments->list[index], length)) return false;
    command->argument_count++;
  }
  return true;
}

static void answer_started(struct client *client, uint32_t channel, const struct command *command, bool existed) {
  answer_begin(client, ANSWER_STARTED, channel);
  answer_u8(client, existed ? 1 : 0);
  answer_u64(client, command->started);
  answer_u32(client, (uint32_t)command->pid);
  answer_end(client);
  answer_empty(client, ANSWER_END, channel);
}

static bool prepare(struct command *command, const struct wanted *wanted) {
  command->grace = wanted->grace;
  command->terminal = (wanted->flags & START_TERMINAL) != 0;
  return remember_arguments(command, &wanted->arguments);
}

static void start(struct client *client, uint32_t channel, const struct wanted *wanted) {
  struct runner *runner = client->runner;
  struct command *command = command_add(runner, wanted->id);
  struct strings environment = {0};
  char mark[sizeof "EPHEMERA_COMMAND=" + MOST_ID];
  if (command != NULL) snprintf(mark, sizeof mark, "EPHEMERA_COMMAND=%s", command->id);
  if (command == NULL || !prepare(command, wanted) || !gather_environment(runner, wanted, mark, &environment)) {
    if (command != NULL) command_remove(command);
    strings_free(&environment);
    answer_error(client, channel, PROBLEM_TOO_MANY, ENOMEM, "no memory for another command");
    return;
  }
  struct spawn spawn = {
      .arguments = wanted->arguments.list,
      .environment = environment.list,
      .path = environment_get(&environment, "PATH"),
      .cwd = wanted->cwd,
      .stdin_open = (wanted->flags & START_STDIN) != 0,
      .terminal = command->terminal,
      .rows = wanted->rows,
      .columns = wanted->columns,
  };
  const char *problem = spawn_command(command, &spawn, wanted->timeout);
  int error = errno;
  strings_free(&environment);
  if (problem != NULL) {
    command_remove(command);
    answer_error(client, channel, PROBLEM_NOT_STARTED, error, problem);
    return;
  }
  answer_started(client, channel, command, false);
  expiry_touch(runner);
}

void request_start(struct client *client, uint32_t channel, struct reader *payload) {
  struct runner *runner = client->runner;
  struct wanted wanted = {0};
  if (!read_wanted(payload, &wanted)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "START cannot be read");
  } else {
    const struct command *existing = command_find(runner, wanted.id);
    if (existing != NULL) {
      answer_started(client, channel, existing, true);
    } else if (runner->expiry.ends) {
      /* Whoever asks anew learns from the cluster why; nothing that could be said here is as true. */
      client_hang_up(client);
    } else if (runner->running_count >= MOST_RUNNING) {
      answer_error(client, channel, PROBLEM_TOO_MANY, 0, "too many commands are running");
    } else {
      start(client, channel, &wanted);
    }
  }
  free_wanted(&wanted);
}
