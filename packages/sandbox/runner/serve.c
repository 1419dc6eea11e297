#include "serve.h"

#include "peer.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The exec call may come before the runner listens. */
#define CONNECT_TRIES 2000
#define TRY_EVERY_NS 2000000L
#define PIECE (64u * 1024u)

/* One direction. */
struct flow {
  int from;
  int to;
  bool to_socket;
  bool ended; /* nothing more comes, and all was passed on */
  size_t at;
  size_t length;
  uint8_t bytes[PIECE];
};

static int connect_patiently(const char *path) {
  struct timespec pause = {0, TRY_EVERY_NS};
  for (int tries = 0; tries < CONNECT_TRIES; tries++) {
    int fd = socket_connect(path);
    if (fd >= 0 || (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN)) return fd;
    nanosleep(&pause, NULL);
  }
  errno = ETIMEDOUT;
  return -1;
}

static bool waits(void) { return errno == EAGAIN || errno == EINTR; }

/* False: one of the two sides is broken. */
static bool fill(struct flow *flow) {
  ssize_t count = read(flow->from, flow->bytes, sizeof flow->bytes);
  if (count < 0) return waits();
  flow->at = 0;
  flow->length = (size_t)count;
  if (count > 0) return true;
  flow->ended = true;
  if (flow->to_socket) shutdown(flow->to, SHUT_WR);
  return true;
}

static bool drain(struct flow *flow) {
  ssize_t count = write(flow->to, flow->bytes + flow->at, flow->length - flow->at);
  if (count < 0) return waits();
  flow->at += (size_t)count;
  if (flow->at == flow->length) flow->length = 0;
  return true;
}

static struct pollfd wanted(const struct flow *flow) {
  if (flow->ended) return (struct pollfd){.fd = -1};
  if (flow->length > 0) return (struct pollfd){.fd = flow->to, .events = POLLOUT};
  return (struct pollfd){.fd = flow->from, .events = POLLIN};
}

/* What can be written is written at once: one wake-up for each piece is enough. */
static bool move(struct flow *flow, const struct pollfd *polled) {
  if (polled->revents == 0) return true;
  if (flow->length == 0 && !fill(flow)) return false;
  return flow->length == 0 || drain(flow);
}

static bool copy_both(int socket) {
  /* Too large for the stack of an early thread, and there is one of each. */
  static struct flow there;
  static struct flow back;
  there = (struct flow){.from = 0, .to = socket, .to_socket = true};
  back = (struct flow){.from = socket, .to = 1};
  while (!back.ended) {
    struct pollfd polled[3] = {wanted(&there), wanted(&back), {.fd = 1, .events = 0}};
    if (poll(polled, 3, -1) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    /* Nobody reads any more: the client has gone, also where our standard input is still held open. */
    if (polled[2].revents & (POLLERR | POLLHUP)) {
      errno = EPIPE;
      return false;
    }
    if (!move(&there, &polled[0]) || !move(&back, &polled[1])) return false;
  }
  return true;
}

static int fail(const char *what) {
  fprintf(stderr, "runner serve: %s: %s\n", what, strerror(errno));
  return 1;
}

int serve(const char *path, bool any_runner) {
  prctl(PR_SET_DUMPABLE, 0);
  /* A command that ends everybody whom it may, as some do with `kill -1`, does not mean the streams of clients. */
  const int ignored[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  for (size_t index = 0; index < sizeof ignored / sizeof *ignored; index++) signal(ignored[index], SIG_IGN);
  int socket = connect_patiently(path);
  if (socket < 0) return fail(path);
  /* A process of the sandbox may listen under this name, too, and say what it likes. */
  if (!any_runner && peer_process(socket) != 1) {
    fprintf(stderr, "runner serve: %s: it is not the first process that listens\n", path);
    return 1;
  }
  const int ends[] = {0, 1, socket};
  for (int index = 0; index < 3; index++) {
    int flags = fcntl(ends[index], F_GETFL);
    if (flags < 0 || fcntl(ends[index], F_SETFL, flags | O_NONBLOCK) < 0) return fail("descriptors");
  }
  return copy_both(socket) ? 0 : fail("stream");
}
