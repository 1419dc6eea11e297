#include "socket.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

static socklen_t address_of(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) {
    errno = ENAMETOOLONG;
    return 0;
  }
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(address->sun_path, path, length);
  if (path[0] != '@') return (socklen_t)sizeof *address;
  address->sun_path[0] = 0;
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int open_socket(int flags) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0); }

static int give_up(int fd) {
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int socket_listen(const char *path) {
  struct sockaddr_un address;
  socklen_t size = address_of(path, &address);
  if (size == 0) return -1;
  int fd = open_socket(SOCK_NONBLOCK);
  if (fd < 0) return -1;
  struct stat before;
  if (path[0] != '@' && lstat(path, &before) == 0 && S_ISSOCK(before.st_mode)) unlink(path);
  if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, BACKLOG) != 0) return give_up(fd);
  return fd;
}

int socket_connect(const char *path) {
  struct sockaddr_un address;
  socklen_t size = address_of(path, &address);
  if (size == 0) return -1;
  int fd = open_socket(0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, size) != 0) return give_up(fd);
  return fd;
}

void closefrom_three(void) {
  if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return;
  /* Before Linux 5.9. Container runtimes leave few, and with low numbers. */
  for (int fd = 3; fd < 1024; fd++) close(fd);
}
