#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.6. musl has the number, but not what goes with it. */
struct how {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};
#define NO_MAGIC_LINKS 0x02u
#define BENEATH 0x08u
/* Somebody renames folders on the way again and again. */
#define MOST_TRIES 16

/* What follows the work folder in an absolute path; NULL where it leads elsewhere. */
static const char *after_work(const char *text, const char *work_path) {
  size_t length = strlen(work_path);
  while (length > 0 && work_path[length - 1] == '/') length--;
  if (strncmp(text, work_path, length) != 0) return NULL;
  return text[length] == 0 || text[length] == '/' ? text + length : NULL;
}

bool path_read(struct path *path, struct text text, int work, const char *work_path) {
  if (text_has_nul(text)) {
    errno = EINVAL;
    return false;
  }
  if (text.length >= sizeof path->text) {
    errno = ENAMETOOLONG;
    return false;
  }
  char given[PATH_MAX];
  if (text.length > 0) memcpy(given, text.data, text.length);
  given[text.length] = 0;
  const char *relative = given[0] == '/' ? after_work(given, work_path) : given;
  path->below = relative != NULL;
  path->root = path->below ? work : AT_FDCWD;
  if (relative == NULL) relative = given;
  while (path->below && *relative == '/') relative++;
  size_t length = strlen(relative);
  while (length > 1 && relative[length - 1] == '/') length--;
  if (length == 0) {
    relative = ".";
    length = 1;
  }
  memcpy(path->text, relative, length);
  path->text[length] = 0;
  return true;
}

static int open_at(const struct path *path, const char *text, int flags) {
  struct how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = NO_MAGIC_LINKS | (path->below ? BENEATH : 0)};
  for (int tries = 0; tries < MOST_TRIES; tries++) {
    long fd = syscall(SYS_openat2, path->root, text, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return (int)fd;
  }
  return -1;
}

int path_open(const struct path *path, int flags) { return open_at(path, path->text, flags); }

/* Opens the folder that the first `length` bytes name. */
static int open_folder(const struct path *path, const char *text, size_t length) {
  char part[PATH_MAX];
  memcpy(part, text, length);
  part[length] = 0;
  return open_at(path, length == 0 ? "." : part, O_PATH | O_DIRECTORY);
}

/*
 * Opens the folder that the first `length` bytes name, and makes what is missing on the way. From the end to the front:
 * what is there is mostly all but the last ones.
 */
static int open_or_make(const struct path *path, size_t length, mode_t last_mode) {
  const char *text = path->text;
  int fd = open_folder(path, text, length);
  if (fd >= 0 || errno != ENOENT) return fd;
  size_t end = length;
  /* The longest part that is there. */
  while (fd < 0 && errno == ENOENT && end > 0) {
    while (end > 0 && text[end - 1] != '/') end--;
    while (end > 1 && text[end - 1] == '/') end--;
    fd = open_folder(path, text, end);
  }
  while (fd >= 0 && end < length) {
    size_t start = end;
    while (text[start] == '/') start++;
    end = start + strcspn(text + start, "/");
    char name[NAME_MAX + 1];
    size_t size = end - start;
    bool made = size < sizeof name;
    if (!made) errno = ENAMETOOLONG;
    if (made) {
      memcpy(name, text + start, size);
      name[size] = 0;
      made = mkdirat(fd, name, end == length ? last_mode : 0755) == 0 || errno == EEXIST;
    }
    int error = errno;
    close(fd);
    errno = error;
    fd = made ? open_folder(path, text, end) : -1;
  }
  return fd;
}

bool path_place(const struct path *path, bool make, struct place *place) {
  const char *last = strrchr(path->text, '/');
  const char *name = last == NULL ? path->text : last + 1;
  if (name[0] == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
    errno = EISDIR;
    return false;
  }
  if (strlen(name) >= sizeof place->name) {
    errno = ENAMETOOLONG;
    return false;
  }
  /* With its slash: of `/name` the folder is `/`. */
  size_t length = (size_t)(name - path->text);
  while (length > 1 && path->text[length - 1] == '/') length--;
  place->folder = make ? open_or_make(path, length, 0755) : open_folder(path, path->text, length);
  if (place->folder < 0) return false;
  memcpy(place->name, name, strlen(name) + 1);
  return true;
}

/* Not by /proc: what is there of a process that may not be read is out of its own reach as well. */
static bool give_mode(int folder, mode_t mode) {
  struct stat stat;
  if (fstat(folder, &stat) != 0) return false;
  if ((stat.st_mode & 07777u) == mode) return true;
  int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  bool given = fchmod(fd, mode) == 0;
  int error = errno;
  close(fd);
  errno = error;
  return given;
}

bool path_make_folder(const struct path *path, mode_t mode) {
  int fd = open_or_make(path, strlen(path->text), mode);
  if (fd < 0) return false;
  bool done = give_mode(fd, mode);
  int error = errno;
  close(fd);
  errno = error;
  return done;
}

enum problem problem_of(int error) {
  switch (error) {
    case ENOENT:
      return PROBLEM_NO_SUCH_FILE;
    case ENOTDIR:
      return PROBLEM_NOT_A_FOLDER;
    case EISDIR:
      return PROBLEM_IS_A_FOLDER;
    case EACCES:
    case EPERM:
    case EROFS:
      return PROBLEM_DENIED;
    case ENOSPC:
    case EDQUOT:
      return PROBLEM_NO_SPACE;
    case EFBIG:
    case EOVERFLOW:
      return PROBLEM_TOO_BIG;
    case ELOOP:
      return PROBLEM_LOOP;
    case EXDEV:
      return PROBLEM_OUTSIDE;
    case EEXIST:
    case ENOTEMPTY:
      return PROBLEM_EXISTS;
    case EINVAL:
    case ENAMETOOLONG:
      return PROBLEM_BAD_REQUEST;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return PROBLEM_TOO_MANY;
    case ENXIO:
    case ENODEV:
      return PROBLEM_NOT_A_FILE;
    case EBUSY:
    case ETXTBSY:
      return PROBLEM_BUSY;
    case ENOSYS:
    case EOPNOTSUPP:
      return PROBLEM_UNSUPPORTED;
    default:
      return PROBLEM_IO;
  }
}

void answer_file_error(struct client *client, uint32_t channel, int error) {
  answer_error(client, channel, problem_of(error), error, strerror(error));
}

void channel_file_error(struct channel *channel, int error) {
  channel_fail(channel, problem_of(error), error, strerror(error));
}
