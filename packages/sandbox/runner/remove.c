#include "remove.h"

#include "file-names.h"
#include "runner.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_PER_TURN 256

struct removal {
  struct channel channel;
  struct walk walk;
  struct place place; /* of the outermost folder */
  uint32_t removed;
};

/* A folder that may not be written to is its owner's all the same: it is made writable, once. */
static int unlink_in(int folder, const char *name, int flags) {
  if (unlinkat(folder, name, flags) == 0) return 0;
  if (errno != EACCES) return errno;
  struct stat stat;
  if (fstat(folder, &stat) != 0 || (stat.st_mode & 0300) == 0300) return EACCES;
  if (fchmod(folder, (stat.st_mode & 07777) | 0700) != 0) return EACCES;
  return unlinkat(folder, name, flags) == 0 ? 0 : errno;
}

/* What a name is says the kernel: it refuses to remove a folder like a file with one of these. */
static bool may_be_folder(int error) { return error == EISDIR || error == EPERM; }

static bool fail(struct removal *removal, int error) {
  channel_file_error(&removal->channel, error);
  return false;
}

static bool finish(struct removal *removal) {
  struct channel *channel = &removal->channel;
  answer_begin(channel->client, ANSWER_DONE, channel->number);
  answer_u32(channel->client, removal->removed);
  answer_end(channel->client);
  channel_end(channel);
  return false;
}

/* The innermost folder is empty: it goes, and the walk goes on around it. */
static bool remove_folder(struct removal *removal) {
  struct walk *walk = &removal->walk;
  walk_leave(walk);
  bool outermost = walk->depth == 0;
  const char *name = outermost ? removal->place.name : walk_last_name(walk);
  int outer = outermost ? removal->place.folder : walk_folder(walk);
  int error = unlink_in(outer, name, AT_REMOVEDIR);
  if (error != 0 && error != ENOENT) return fail(removal, error);
  if (error == 0) removal->removed++;
  return !outermost || finish(removal);
}

/* One entry. False: the channel is at its end. */
static bool remove_step(struct removal *removal) {
  struct walk *walk = &removal->walk;
  const char *name = walk_next(walk);
  if (name == NULL && errno != 0) return fail(removal, errno);
  if (name == NULL) return remove_folder(removal);
  int error = unlink_in(walk_folder(walk), name, 0);
  if (error == 0) {
    removal->removed++;
    return true;
  }
  if (error == ENOENT) return true;
  if (!may_be_folder(error)) return fail(removal, error);
  if (walk_enter(walk, name) || errno == ENOENT) return true;
  return fail(removal, errno == ENOTDIR ? error : errno);
}

static bool remove_pump(struct channel *channel) {
  struct removal *removal = OWNER(channel, struct removal, channel);
  for (int count = 0; count < ENTRIES_PER_TURN; count++) {
    if (!remove_step(removal)) return false;
  }
  return true;
}

static bool remove_frame(struct channel *channel, uint8_t type, struct reader *payload) {
  if (type != REQUEST_CANCEL || !read_whole(payload)) return false;
  channel_end(channel);
  return true;
}

static void remove_close(struct channel *channel) {
  struct removal *removal = OWNER(channel, struct removal, channel);
  walk_free(&removal->walk);
  close(removal->place.folder);
}

static const struct channel_kind remove_kind = {remove_pump, remove_frame, remove_close};

static void remove_tree(struct client *client, uint32_t channel, const struct place *place) {
  int fd = openat(place->folder, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    /* No folder after all: then the first refusal was about something else. */
    answer_file_error(client, channel, errno == ENOTDIR ? EPERM : errno);
    close(place->folder);
    return;
  }
  struct removal *removal = channel_open(client, channel, &remove_kind, sizeof *removal);
  if (removal == NULL) {
    close(fd);
    close(place->folder);
    return;
  }
  removal->place = *place;
  if (!walk_begin(&removal->walk, fd)) fail(removal, errno);
}

void request_remove(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  struct path path;
  struct place place;
  if (!requested_path(client, channel, payload, text, &path)) return;
  if (!path_place(&path, false, &place)) {
    if (errno == ENOENT) {
      answer_done(client, channel, 0);
    } else {
      answer_file_error(client, channel, errno);
    }
    return;
  }
  int error = unlinkat(place.folder, place.name, 0) == 0 ? 0 : errno;
  if (may_be_folder(error)) {
    remove_tree(client, channel, &place);
    return;
  }
  close(place.folder);
  if (error == 0 || error == ENOENT) {
    answer_done(client, channel, error == 0 ? 1 : 0);
  } else {
    answer_file_error(client, channel, error);
  }
}
