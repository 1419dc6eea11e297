#include "file-names.h"

#include "entry.h"
#include "runner.h"
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool requested_path(struct client *client, uint32_t channel, const struct reader *payload, struct text text,
                    struct path *path) {
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "the payload cannot be read");
    return false;
  }
  if (path_read(path, text, client->runner->work, client->runner->settings->work)) return true;
  answer_file_error(client, channel, errno);
  return false;
}

void request_stat(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  struct path path;
  if (!requested_path(client, channel, payload, text, &path)) return;
  int fd = path_open(&path, O_PATH | O_NOFOLLOW);
  struct stat stat;
  if (fd < 0 || fstat(fd, &stat) != 0) {
    answer_file_error(client, channel, errno);
  } else {
    char target[PATH_MAX] = "";
    if (S_ISLNK(stat.st_mode)) read_target(fd, "", target, sizeof target);
    answer_entry(client, channel, &stat, path.text, target);
    answer_empty(client, ANSWER_END, channel);
  }
  if (fd >= 0) close(fd);
}

void request_folder(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  uint32_t mode = read_u32(payload);
  struct path path;
  if (!requested_path(client, channel, payload, text, &path)) return;
  if (path_make_folder(&path, mode & 07777u)) {
    answer_empty(client, ANSWER_END, channel);
  } else {
    answer_file_error(client, channel, errno == ENOTDIR ? EEXIST : errno);
  }
}

/* Under another name first: there is always one of the two links, or the old one. */
static int replace_link(const struct place *place, const char *target) {
  struct stat before;
  if (symlinkat(target, place->folder, place->name) == 0) return 0;
  if (errno != EEXIST) return errno;
  if (fstatat(place->folder, place->name, &before, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  if (!S_ISLNK(before.st_mode)) return EEXIST;
  char name[TEMPORARY_NAME];
  if (!temporary_name(name) || symlinkat(target, place->folder, name) != 0) return errno;
  if (renameat(place->folder, name, place->folder, place->name) == 0) return 0;
  int error = errno;
  unlinkat(place->folder, name, 0);
  return error;
}

void request_link(struct client *client, uint32_t channel, struct reader *payload) {
  struct text text = read_text(payload);
  struct text target_text = read_text(payload);
  struct path path;
  if (!requested_path(client, channel, payload, text, &path)) return;
  char target[PATH_MAX];
  if (target_text.length == 0 || target_text.length >= sizeof target || text_has_nul(target_text)) {
    answer_file_error(client, channel, EINVAL);
    return;
  }
  memcpy(target, target_text.data, target_text.length);
  target[target_text.length] = 0;
  struct place place;
  if (!path_place(&path, true, &place)) {
    answer_file_error(client, channel, errno);
    return;
  }
  int error = replace_link(&place, target);
  close(place.folder);
  if (error == 0) {
    answer_empty(client, ANSWER_END, channel);
  } else {
    answer_file_error(client, channel, error);
  }
}
