#include "output.h"

#include "attach.h"
#include "command.h"
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* How often one output is read before others have their turn. */
#define READS_PER_TURN 4
/* No terminal holds more than this, and no pipe that was left as it is. */
#define USUAL_ROOM (64u * 1024u)

static void on_ready(struct watch *watch, uint32_t events);

bool output_open(struct output *output, struct command *command, uint8_t stream, int fd) {
  *output = (struct output){.command = command, .stream = stream, .file = -1};
  output->watch = (struct watch){.fd = fd, .ready = on_ready};
  if (fd < 0) return true;
  output->open = watch_for(&command->runner->loop, &output->watch, EPOLLIN);
  if (!output->open) watch_close(&command->runner->loop, &output->watch);
  return output->open;
}

bool output_caught_up(const struct output *output) {
  if (!output->open) return true;
  if (output->waits) return false;
  struct pollfd readable = {.fd = output->watch.fd, .events = POLLIN};
  /* Any process that has it can make a pipe hold more. What was written before is read once so many bytes have come. */
  int room = fcntl(output->watch.fd, F_GETPIPE_SZ);
  return output->after_end >= (room > 0 ? (uint64_t)room : USUAL_ROOM) || poll(&readable, 1, 0) == 0;
}

void output_wake(struct output *output) {
  if (!output->waits) return;
  output->waits = false;
  if (!watch_for(&output->command->runner->loop, &output->watch, EPOLLIN)) output_close(output);
}

static uint64_t capacity(const struct output *output) { return output->command->runner->keep.each; }

/* Writes, or where `written` is NULL reads, a stretch of the ring that may go over its end. */
static ssize_t move(const struct output *output, uint64_t offset, uint8_t *read_to, const uint8_t *written,
                    size_t length) {
  size_t moved = 0;
  while (moved < length) {
    uint64_t at = (offset + moved) % capacity(output);
    uint64_t to_end = capacity(output) - at;
    size_t count = length - moved < to_end ? length - moved : (size_t)to_end;
    ssize_t done = written != NULL ? pwrite(output->file, written + moved, count, (off_t)at)
                                   : pread(output->file, read_to + moved, count, (off_t)at);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return -1;
    if (done == 0) {
      errno = EIO;
      return -1;
    }
    moved += (size_t)done;
  }
  return (ssize_t)moved;
}

ssize_t output_read(const struct output *output, uint64_t from, void *data, size_t length) {
  if (from < output->start || from >= output->end) return 0;
  uint64_t kept = output->end - from;
  return move(output, from, data, NULL, length < kept ? length : (size_t)kept);
}

void output_forget(struct output *output, uint64_t bytes) {
  uint64_t kept = output->end - output->start;
  if (bytes > kept) bytes = kept;
  output->start += bytes;
  output->command->runner->keep.kept -= bytes;
}

void output_forget_all(struct output *output) {
  output_forget(output, UINT64_MAX);
  if (output->file >= 0) close(output->file);
  output->file = -1;
}

static bool store(struct output *output, const uint8_t *data, size_t length) {
  struct keep *keep = &output->command->runner->keep;
  if (output->file < 0) output->file = keep_new_file(keep);
  if (output->file < 0 || move(output, output->end, NULL, data, length) < 0) return false;
  keep->kept += length;
  output->end += length;
  return true;
}

/* The disk is full, or there are no more files. Other errors do not go away with the output of others. */
static bool others_are_in_the_way(int error) {
  return error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE;
}

/* There is room for it: keep_allows said so before it was read. */
static void take(struct output *output, const uint8_t *data, size_t length) {
  struct runner *runner = output->command->runner;
  if (!output->command->running) output->after_end += length;
  keep_make_room(runner, output, length);
  attach_touch(output);
  if (store(output, data, length)) return;
  /* What others no longer need goes first, then what was kept of this one, and it is told in the end. */
  while (others_are_in_the_way(errno) && keep_give_up_ended(runner, output)) {
    if (store(output, data, length)) return;
  }
  output->command->flags |= EXIT_DISK_FULL;
  output_forget_all(output);
  if (store(output, data, length)) return;
  output->end += length;
  output->start = output->end;
}

static void wait_a_while(struct output *output) {
  struct runner *runner = output->command->runner;
  output->waits = true;
  watch_for(&runner->loop, &output->watch, 0);
  keep_look_again(runner);
}

static void on_ready(struct watch *watch, uint32_t events) {
  (void)events;
  struct output *output = OWNER(watch, struct output, watch);
  struct runner *runner = output->command->runner;
  for (int round = 0; round < READS_PER_TURN && output->open; round++) {
    size_t allowed = keep_allows(runner, output, sizeof runner->scratch);
    if (allowed == 0) {
      wait_a_while(output);
      return;
    }
    ssize_t count = read(watch->fd, runner->scratch, allowed);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    /*
     * A terminal says EIO while nobody has it open. A program closes its files a moment before it ends; if ours were closed in
     * between, the kernel would end it with SIGHUP, and its code would be lost.
     */
    if (count < 0 && output->command->terminal && output->command->running) {
      wait_a_while(output);
      return;
    }
    if (count <= 0) {
      output_close(output);
      break;
    }
    take(output, runner->scratch, (size_t)count);
  }
  command_look_whether_settled(output->command);
}

void output_close(struct output *output) {
  if (!output->open) return;
  output->open = false;
  output->waits = false;
  watch_close(&output->command->runner->loop, &output->watch);
}
