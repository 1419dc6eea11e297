#include "list.h"

#include "entry.h"
#include "file-names.h"
#include "runner.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* So many entries before others have their turn. */
#define ENTRIES_PER_TURN 256

struct list {
  struct channel channel;
  struct walk walk;
  bool recursive;
};

/* One entry, or the end of a folder. False: the channel is at its end. */
static bool list_step(struct list *list) {
  struct walk *walk = &list->walk;
  struct client *client = list->channel.client;
  const char *name = walk_next(walk);
  if (name == NULL && errno != 0) {
    channel_file_error(&list->channel, errno);
    return false;
  }
  if (name == NULL) {
    walk_leave(walk);
    if (walk->depth > 0) return true;
    channel_end(&list->channel);
    return false;
  }
  struct stat stat;
  /* What went away meanwhile is not there. */
  if (fstatat(walk_folder(walk), name, &stat, AT_SYMLINK_NOFOLLOW) != 0) return true;
  char target[PATH_MAX] = "";
  if (S_ISLNK(stat.st_mode)) read_target(walk_folder(walk), name, target, sizeof target);
  list->channel.credit -= answer_entry(client, list->channel.number, &stat, walk->path, target);
  if (!list->recursive || !S_ISDIR(stat.st_mode) || walk_enter(walk, name)) return true;
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return true;
  channel_file_error(&list->channel, errno);
  return false;
}

/* An entry is sent as long as there is any credit, so that none is too long for a window. */
static bool list_pump(struct channel *channel) {
  struct list *list = OWNER(channel, struct list, channel);
  for (int count = 0; count < ENTRIES_PER_TURN && client_has_room(channel->client); count++) {
    if (channel->credit <= 0 || !list_step(list)) return false;
  }
  return true;
}

static void list_close(struct channel *channel) { walk_free(&OWNER(channel, struct list, channel)->walk); }

static const struct channel_kind list_kind = {list_pump, channel_takes_credit, list_close};

void request_list(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  uint8_t recursive = read_u8(payload);
  uint32_t window = read_u32(payload);
  if (recursive > 1) payload->bad = true;
  struct path path;
  if (!requested_path(client, channel, payload, text, &path)) return;
  int fd = path_open(&path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (fd < 0) {
    answer_file_error(client, channel, errno);
    return;
  }
  struct list *list = channel_open(client, channel, &list_kind, sizeof *list);
  if (list == NULL) {
    close(fd);
    return;
  }
  list->recursive = recursive == 1;
  list->channel.credit = window;
  if (!walk_begin(&list->walk, fd)) channel_file_error(&list->channel, errno);
}
