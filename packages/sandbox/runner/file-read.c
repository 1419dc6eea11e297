#include "file-read.h"

#include "entry.h"
#include "file-names.h"
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* So many pieces of one file are read before others have their turn. */
#define PIECES_PER_TURN 4

struct file_read {
  struct channel channel;
  int fd;
  uint64_t at;
  uint64_t left;
};

/* One piece. False: nothing more now. */
static bool send_piece(struct file_read *reading) {
  struct client *client = reading->channel.client;
  uint64_t length = reading->left < MOST_DATA_OUT ? reading->left : MOST_DATA_OUT;
  if (length == 0) {
    channel_end(&reading->channel);
    return false;
  }
  if (length > (uint64_t)reading->channel.credit) length = (uint64_t)reading->channel.credit;
  /* Not even the end is looked for without credit: reading is what it pays for. */
  if (length == 0) return false;
  uint8_t *scratch = client->runner->scratch;
  ssize_t count = pread(reading->fd, scratch, (size_t)length, (off_t)reading->at);
  if (count < 0 && errno == EINTR) return true;
  if (count < 0) {
    channel_file_error(&reading->channel, errno);
    return false;
  }
  if (count == 0) {
    channel_end(&reading->channel);
    return false;
  }
  answer_begin(client, ANSWER_DATA, reading->channel.number);
  answer_data(client, scratch, (size_t)count);
  answer_end(client);
  reading->at += (uint64_t)count;
  reading->left -= (uint64_t)count;
  reading->channel.credit -= count;
  return true;
}

static bool read_pump(struct channel *channel) {
  struct file_read *reading = OWNER(channel, struct file_read, channel);
  for (int piece = 0; piece < PIECES_PER_TURN && client_has_room(channel->client); piece++) {
    if (!send_piece(reading)) return false;
  }
  return true;
}

static void read_close(struct channel *channel) { close(OWNER(channel, struct file_read, channel)->fd); }

static const struct channel_kind read_kind = {read_pump, channel_takes_credit, read_close};

/* Opens without waiting for anybody, also what turns out to be no file. */
static int open_file(const struct path *path, struct stat *stat) {
  int fd = path_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return -1;
  int error = fstat(fd, stat) != 0 ? errno : S_ISDIR(stat->st_mode) ? EISDIR : S_ISREG(stat->st_mode) ? 0 : ENXIO;
  if (error == 0) return fd;
  close(fd);
  errno = error;
  return -1;
}

void request_read(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  uint64_t from = read_u64(payload);
  uint64_t most = read_u64(payload);
  uint32_t window = read_u32(payload);
  struct path path;
  if (!requested_path(client, channel, payload, text, &path)) return;
  struct stat stat;
  /* Offsets of the kernel have a sign. */
  int fd = from > INT64_MAX ? (errno = EINVAL, -1) : open_file(&path, &stat);
  if (fd < 0) {
    answer_file_error(client, channel, errno);
    return;
  }
  struct file_read *reading = channel_open(client, channel, &read_kind, sizeof *reading);
  if (reading == NULL) {
    close(fd);
    return;
  }
  reading->fd = fd;
  reading->at = from;
  reading->left = most > INT64_MAX - from ? INT64_MAX - from : most;
  reading->channel.credit = window;
  answer_entry(client, channel, &stat, path.text, "");
}
