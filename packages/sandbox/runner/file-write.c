#include "file-write.h"

#include "file-names.h"
#include "runner.h"
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_write {
  struct channel channel;
  struct place place;
  char temporary[TEMPORARY_NAME];
  int fd;
  mode_t mode;
  uint64_t arrived;
};

static bool write_pump(struct channel *channel) {
  (void)channel;
  return false;
}

static void write_chunk(struct file_write *writing, struct text data) {
  size_t done = 0;
  while (done < data.length) {
    ssize_t count = write(writing->fd, data.data + done, data.length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      channel_file_error(&writing->channel, errno);
      return;
    }
    done += (size_t)count;
  }
  writing->arrived += data.length;
}

/* Devices, pipes and sockets are not replaced by files, and folders cannot be. */
static int name_is_free(const struct place *place) {
  struct stat before;
  if (fstatat(place->folder, place->name, &before, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : errno;
  if (S_ISDIR(before.st_mode)) return EISDIR;
  return S_ISREG(before.st_mode) || S_ISLNK(before.st_mode) ? 0 : ENXIO;
}

static int give_name(struct file_write *writing) {
  int fd = writing->fd;
  writing->fd = -1;
  int error = fchmod(fd, writing->mode) == 0 ? 0 : errno;
  /* Some file systems say only now that there is no room. */
  if (close(fd) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error == 0) error = name_is_free(&writing->place);
  if (error != 0) return error;
  int folder = writing->place.folder;
  if (renameat(folder, writing->temporary, folder, writing->place.name) != 0) return errno;
  writing->temporary[0] = 0;
  return 0;
}

static bool write_frame(struct channel *channel, uint8_t type, struct reader *payload) {
  struct file_write *writing = OWNER(channel, struct file_write, channel);
  if (type == REQUEST_CHUNK) {
    write_chunk(writing, read_rest(payload));
    return true;
  }
  if (type == REQUEST_CANCEL && read_whole(payload)) {
    channel_end(channel);
    return true;
  }
  uint64_t total = read_u64(payload);
  if (type != REQUEST_COMMIT || !read_whole(payload)) return false;
  if (total != writing->arrived) {
    channel_fail(channel, PROBLEM_SHORT, 0, "another number of bytes has arrived");
    return true;
  }
  int error = give_name(writing);
  if (error != 0) {
    channel_file_error(channel, error);
  } else {
    channel_end(channel);
  }
  return true;
}

/* What has not got its name leaves nothing. */
static void write_close(struct channel *channel) {
  struct file_write *writing = OWNER(channel, struct file_write, channel);
  if (writing->fd >= 0) close(writing->fd);
  if (writing->temporary[0] != 0) unlinkat(writing->place.folder, writing->temporary, 0);
  close(writing->place.folder);
}

static const struct channel_kind write_kind = {write_pump, write_frame, write_close};

static int open_temporary(const struct place *place, char name[TEMPORARY_NAME]) {
  int error = name_is_free(place);
  if (error != 0) {
    errno = error;
    return -1;
  }
  if (!temporary_name(name)) return -1;
  return openat(place->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

void request_write(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  uint32_t mode = read_u32(payload);
  struct path path;
  if (!requested_path(client, channel, payload, text, &path)) return;
  struct place place;
  if (!path_place(&path, true, &place)) {
    answer_file_error(client, channel, errno);
    return;
  }
  char name[TEMPORARY_NAME];
  int fd = open_temporary(&place, name);
  if (fd < 0) {
    answer_file_error(client, channel, errno);
    close(place.folder);
    return;
  }
  struct file_write *writing = channel_open(client, channel, &write_kind, sizeof *writing);
  if (writing == NULL) {
    unlinkat(place.folder, name, 0);
    close(fd);
    close(place.folder);
    return;
  }
  writing->place = place;
  writing->fd = fd;
  writing->mode = mode & 0777u;
  for (int index = 0; index < TEMPORARY_NAME; index++) writing->temporary[index] = name[index];
  answer_empty(client, ANSWER_READY, channel);
}
