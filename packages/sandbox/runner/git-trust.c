/*
 * Git takes a folder of another user for a trap. In a pod the work folder is part of a volume and belongs to root, whoever
 * the commands run as, and everybody in the pod is the same user anyway. By variables of the environment
 * (GIT_CONFIG_COUNT) it would be settled, too, but then in the way of a user who gives such variables.
 */
#include "git-trust.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool add(struct bytes *text, const char *part, size_t length) { return bytes_append(text, part, length); }

/* In quotes; what would end or change them is escaped. */
static bool add_quoted(struct bytes *text, const char *value) {
  bool good = add(text, "\"", 1);
  for (; *value != 0 && good; value++) {
    if (*value == '\n') {
      good = add(text, "\\n", 2);
    } else {
      if (*value == '"' || *value == '\\') good = add(text, "\\", 1);
      good = good && add(text, value, 1);
    }
  }
  return good && add(text, "\"\n", 2);
}

void git_trust_work(const struct runner *runner, const char *home) {
  struct stat work;
  if (home[0] != '/' || fstat(runner->work, &work) != 0 || work.st_uid == geteuid()) return;
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/.gitconfig", home);
  if (length < 0 || (size_t)length >= sizeof path) return;
  static const char section[] = "[safe]\n\tdirectory = ";
  struct bytes text = {0};
  int fd = -1;
  if (add(&text, section, sizeof section - 1) && add_quoted(&text, runner->settings->work)) {
    /* Nothing that is there already, a link neither, is written to. */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  }
  if (fd >= 0) {
    /* Half of it would be an error at each call of git. */
    if (write(fd, text.data, text.length) != (ssize_t)text.length) unlink(path);
    close(fd);
  }
  bytes_free(&text);
}
