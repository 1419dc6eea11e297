#include "entry.h"

#include <unistd.h>

static enum entry_kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return ENTRY_FILE;
  if (S_ISDIR(mode)) return ENTRY_FOLDER;
  return S_ISLNK(mode) ? ENTRY_LINK : ENTRY_OTHER;
}

/* Times before 1970 read as 1970. */
static uint64_t milliseconds(struct timespec time) {
  return time.tv_sec < 0 ? 0 : (uint64_t)time.tv_sec * 1000u + (uint64_t)time.tv_nsec / 1000000u;
}

/* Changes with each change of the file: the kernel's own time of that, which nobody can set, and what file it is. */
static uint64_t version_of(const struct stat *stat) {
  uint64_t changed = (uint64_t)stat->st_ctim.tv_sec * 1000000000u + (uint64_t)stat->st_ctim.tv_nsec;
  return changed ^ (uint64_t)stat->st_ino * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)stat->st_size << 1;
}

uint32_t answer_entry(struct client *client, uint32_t channel, const struct stat *stat, const char *path,
                      const char *target) {
  answer_begin(client, ANSWER_ENTRY, channel);
  answer_u8(client, (uint8_t)kind_of(stat->st_mode));
  answer_u64(client, (uint64_t)stat->st_size);
  answer_u32(client, stat->st_mode & 07777u);
  answer_u64(client, milliseconds(stat->st_mtim));
  answer_u64(client, version_of(stat));
  answer_text(client, path);
  answer_text(client, target);
  return answer_end(client);
}

void read_target(int folder, const char *name, char *target, size_t size) {
  ssize_t length = readlinkat(folder, name, target, size - 1);
  target[length < 0 ? 0 : length] = 0;
}
