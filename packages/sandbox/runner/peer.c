#include "peer.h"

#include "stat.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux 6.5; not in the headers of all systems. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

pid_t peer_process(int socket) {
  struct ucred peer = {0};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer) return -1;
  return peer.pid;
}

bool peer_is_from_outside(int socket) {
  pid_t pid = peer_process(socket);
  /* 0: in another container of the pod. */
  if (pid <= 0) return false;
  struct stat_line line;
  if (!stat_of(pid, &line) || line.parent != 0) return false;
  /*
   * The number may meanwhile belong to somebody else than who connected: a process of the sandbox could hand its
   * connection on, end, and hope for that. Where the kernel knows the process itself, it has to live now, so that what
   * was read is its own. Older kernels leave a window of microseconds.
   */
  int process = -1;
  socklen_t size = sizeof process;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &process, &size) != 0) return true;
  struct pollfd ended = {.fd = process, .events = POLLIN};
  bool lives = poll(&ended, 1, 0) == 0;
  close(process);
  return lives;
}
