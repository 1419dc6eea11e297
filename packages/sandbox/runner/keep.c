#include "keep.h"

#include "attach.h"
#include "command.h"
#include "folders.h"
#include "runner.h"
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 500u
/* At the bound for all together so much is given up at once, so that not every read looks for who has to give way. */
#define STRETCH (1024u * 1024u)

static void on_look_again(struct timer *timer) {
  struct keep *keep = OWNER(timer, struct keep, look_again);
  struct runner *runner = OWNER(keep, struct runner, keep);
  for (struct command *command = runner->commands; command != NULL; command = command->next) {
    output_wake(&command->outputs[0]);
    output_wake(&command->outputs[1]);
  }
}

bool keep_init(struct runner *runner) {
  struct keep *keep = &runner->keep;
  keep->each = runner->settings->keep_bytes;
  keep->most = runner->settings->keep_all_bytes;
  /* The bound for all must leave each something to write through. */
  if (keep->most < keep->each) keep->most = keep->each;
  keep->look_again.due = on_look_again;
  make_folders(runner->settings->output);
  keep->folder = open(runner->settings->output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return keep->folder >= 0;
}

int keep_new_file(struct keep *keep) {
  int fd = openat(keep->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0 || errno == ENOSPC || errno == EDQUOT) return fd;
  /* Some file systems have no files without a name: then it loses its name at once. */
  char name[TEMPORARY_NAME];
  if (!temporary_name(name)) return -1;
  /* Commands are the same user and may see the name: so nobody may open it, and whether somebody helped himself is looked at. */
  fd = openat(keep->folder, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return -1;
  unlinkat(keep->folder, name, 0);
  struct stat stat;
  if (fstat(fd, &stat) == 0 && stat.st_nlink == 0 && (stat.st_mode & 07777u) == 0) return fd;
  close(fd);
  errno = EPERM;
  return -1;
}

static uint64_t kept_of(const struct output *output) { return output->end - output->start; }

static bool somebody_waits_for(const struct output *output) { return attach_oldest(output) < output->end; }

static bool can_be_given_up(const struct command *command, const struct output *but) {
  if (command->running || command == but->command) return false;
  const struct output *outputs = command->outputs;
  if (kept_of(&outputs[0]) + kept_of(&outputs[1]) == 0) return false;
  return !somebody_waits_for(&outputs[0]) && !somebody_waits_for(&outputs[1]);
}

static struct command *oldest_ended(const struct runner *runner, const struct output *but) {
  for (struct command *command = runner->commands; command != NULL; command = command->next) {
    if (can_be_given_up(command, but)) return command;
  }
  return NULL;
}

/* The output with most that nobody waits for. */
static struct output *largest(const struct runner *runner) {
  struct output *most = NULL;
  for (struct command *command = runner->commands; command != NULL; command = command->next) {
    for (int index = 0; index < 2; index++) {
      struct output *output = &command->outputs[index];
      if (kept_of(output) > (most == NULL ? 0 : kept_of(most)) && !somebody_waits_for(output)) most = output;
    }
  }
  return most;
}

bool keep_give_up_ended(struct runner *runner, const struct output *output) {
  struct command *command = oldest_ended(runner, output);
  if (command == NULL) return false;
  output_forget_all(&command->outputs[0]);
  output_forget_all(&command->outputs[1]);
  return true;
}

static void punch(const struct output *output, uint64_t at, uint64_t length) {
  /* Where the file system cannot do this, the disk is given back with the command. */
  (void)fallocate(output->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)length);
}

/* Gives up the oldest bytes with their disk; without, the ring writes over them. */
static void give_up_oldest(const struct keep *keep, struct output *output, uint64_t bytes) {
  if (bytes > kept_of(output)) bytes = kept_of(output);
  uint64_t at = output->start % keep->each;
  uint64_t to_end = keep->each - at;
  if (output->file >= 0) {
    punch(output, at, bytes < to_end ? bytes : to_end);
    if (bytes > to_end) punch(output, 0, bytes - to_end);
  }
  output_forget(output, bytes);
}

size_t keep_allows(const struct runner *runner, const struct output *output, size_t wanted) {
  const struct keep *keep = &runner->keep;
  if (wanted > keep->each) wanted = (size_t)keep->each;
  uint64_t oldest = attach_oldest(output);
  if (oldest < output->end) {
    if (oldest < output->start) oldest = output->start;
    uint64_t room = keep->each - (output->end - oldest);
    if (wanted > room) wanted = (size_t)room;
  }
  if (wanted == 0 || keep->kept + wanted <= keep->most) return wanted;
  return oldest_ended(runner, output) != NULL || largest(runner) != NULL ? wanted : 0;
}

void keep_make_room(struct runner *runner, struct output *output, size_t bytes) {
  struct keep *keep = &runner->keep;
  if (kept_of(output) + bytes > keep->each) output_forget(output, kept_of(output) + bytes - keep->each);
  while (keep->kept + bytes > keep->most) {
    if (keep_give_up_ended(runner, output)) continue;
    struct output *most = largest(runner);
    if (most == NULL) return;
    give_up_oldest(keep, most, bytes > STRETCH ? bytes : STRETCH);
  }
}

void keep_look_again(struct runner *runner) {
  if (!runner->keep.look_again.armed) timer_set(&runner->loop, &runner->keep.look_again, now_ms() + LOOK_AGAIN_MS);
}
