#include "cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOT "/sys/fs/cgroup"

/* Whether a list with commas has the word. */
static bool lists(const char *list, const char *word) {
  size_t length = strlen(word);
  for (const char *at = list; *at != 0; at += *at == ',' ? 1 : 0) {
    size_t here = strcspn(at, ",");
    if (here == length && strncmp(at, word, length) == 0) return true;
    at += here;
  }
  return false;
}

/* The path of our group as the kernel tells it; false where the controller is not in a hierarchy of its own. */
static bool own_group(const char *controller, char *group, size_t size) {
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (file == NULL) return false;
  bool found = false;
  char line[PATH_MAX];
  while (!found && fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *controllers = strchr(line, ':');
    char *path = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (path == NULL) continue;
    *path++ = 0;
    found = lists(controllers + 1, controller) && strlen(path) < size;
    if (found) memcpy(group, path, strlen(path) + 1);
  }
  fclose(file);
  return found;
}

static int open_in(const char *folder, const char *group, const char *file) {
  char path[2 * PATH_MAX];
  int length = snprintf(path, sizeof path, ROOT "%s%s/%s", folder, group, file);
  return length < 0 || (size_t)length >= sizeof path ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

/*
 * In a container our group mostly is the root of what is mounted. Where the hierarchy of the whole machine is mounted,
 * as for an ordinary process, it is below, and the root is somebody else's.
 */
int cgroup_open(const char *controller, const char *file) {
  char group[PATH_MAX] = "";
  char folder[64];
  snprintf(folder, sizeof folder, "/%s", controller);
  if (own_group(controller, group, sizeof group)) {
    int fd = open_in(folder, group, file);
    return fd >= 0 ? fd : open_in(folder, "", file);
  }
  if (!own_group("", group, sizeof group)) return -1;
  int fd = open_in("", group, file);
  return fd >= 0 ? fd : open_in("", "", file);
}

/* The beginning of a file as text. */
static bool read_text_of(int fd, char *text, size_t size) {
  if (fd < 0) return false;
  ssize_t count = pread(fd, text, size - 1, 0);
  if (count <= 0) return false;
  text[count] = 0;
  return true;
}

static bool parse(const char *text, uint64_t *value) {
  char *end;
  if (*text < '0' || *text > '9') return false;
  *value = strtoull(text, &end, 10);
  return *end == 0 || *end == '\n';
}

bool cgroup_number(const char *controller, const char *file, uint64_t *value) {
  int fd = cgroup_open(controller, file);
  char text[64];
  bool good = read_text_of(fd, text, sizeof text) && parse(text, value);
  if (fd >= 0) close(fd);
  return good;
}

bool cgroup_field(int fd, const char *name, uint64_t *value) {
  char text[2048];
  if (!read_text_of(fd, text, sizeof text)) return false;
  size_t length = strlen(name);
  for (const char *line = text; *line != 0;) {
    if (strncmp(line, name, length) == 0 && line[length] == ' ') return parse(line + length + 1, value);
    line += strcspn(line, "\n");
    if (*line == '\n') line++;
  }
  return false;
}
