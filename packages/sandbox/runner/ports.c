#include "ports.h"

#include "runner.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How far the client may be ahead of what the program takes. */
#define WINDOW (256u * 1024u)
/* Credit is given back in pieces of this, not for every few bytes. */
#define CREDIT_PIECE (WINDOW / 4)
#define READS_PER_TURN 4

struct port {
  struct channel channel;
  struct watch watch;
  struct bytes pending; /* from the client, not taken yet */
  uint32_t allowed;     /* what the client may still send */
  uint32_t taken;       /* what was taken since the last credit */
  uint16_t number;
  bool second_try; /* at ::1 */
  bool connected;
  bool readable;
  bool client_ended;
  bool shut; /* the program was told that the client has ended */
  bool program_ended;
};

static int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

static void on_ready(struct watch *watch, uint32_t events);

/* Begins to connect. False with errno. */
static bool connect_to(struct port *port, int family) {
  struct loop *loop = &port->channel.client->runner->loop;
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  port->watch = (struct watch){.fd = fd, .ready = on_ready};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port->number)};
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port->number)};
  six.sin6_addr = in6addr_loopback;
  int result = family == AF_INET ? connect(fd, (struct sockaddr *)&four, sizeof four)
                                 : connect(fd, (struct sockaddr *)&six, sizeof six);
  if ((result == 0 || errno == EINPROGRESS) && watch_for(loop, &port->watch, EPOLLOUT)) return true;
  int error = errno;
  watch_close(loop, &port->watch);
  errno = error;
  return false;
}

static void refused(struct port *port, int error) {
  struct loop *loop = &port->channel.client->runner->loop;
  watch_close(loop, &port->watch);
  if (!port->second_try) {
    port->second_try = true;
    if (connect_to(port, AF_INET6)) return;
  }
  channel_fail(&port->channel, PROBLEM_PORT_REFUSED, error, strerror(error));
}

/*
 * Where nobody listens at a port of those that the kernel gives to connections itself, it may give this very one, and then
 * the connection is one with itself.
 */
static bool is_with_itself(int fd) {
  struct sockaddr_storage ours = {0};
  struct sockaddr_storage theirs = {0};
  socklen_t our_size = sizeof ours;
  socklen_t their_size = sizeof theirs;
  if (getsockname(fd, (struct sockaddr *)&ours, &our_size) != 0) return false;
  if (getpeername(fd, (struct sockaddr *)&theirs, &their_size) != 0) return false;
  return our_size == their_size && memcmp(&ours, &theirs, our_size) == 0;
}

static void give_credit(struct port *port, uint32_t bytes) {
  struct client *client = port->channel.client;
  answer_begin(client, ANSWER_CREDIT, port->channel.number);
  answer_u32(client, bytes);
  answer_end(client);
  port->allowed += bytes;
}

static void on_connected(struct port *port) {
  int on = 1;
  port->connected = true;
  /* What comes in pieces goes on in pieces: the client has gathered already what it wants to gather. */
  setsockopt(port->watch.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  answer_empty(port->channel.client, ANSWER_CONNECTED, port->channel.number);
  give_credit(port, WINDOW);
}

static void on_ready(struct watch *watch, uint32_t events) {
  struct port *port = OWNER(watch, struct port, watch);
  if (!port->connected) {
    int error = error_of(watch->fd);
    if (error == 0 && is_with_itself(watch->fd)) error = ECONNREFUSED;
    if (error != 0) {
      refused(port, error);
    } else {
      on_connected(port);
    }
    return;
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) port->readable = true;
}

/* False: the connection is broken, and the channel at its end. */
static bool write_pending(struct port *port) {
  size_t done = 0;
  while (done < port->pending.length) {
    ssize_t count = send(port->watch.fd, port->pending.data + done, port->pending.length - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) {
      channel_fail(&port->channel, PROBLEM_IO, errno, strerror(errno));
      return false;
    }
    done += (size_t)count;
  }
  if (done > 0) bytes_shift(&port->pending, done);
  if (port->pending.length == 0) bytes_free(&port->pending);
  port->taken += (uint32_t)done;
  if (port->taken >= CREDIT_PIECE && !port->client_ended) {
    give_credit(port, port->taken);
    port->taken = 0;
  }
  if (port->client_ended && !port->shut && port->pending.length == 0) {
    port->shut = true;
    shutdown(port->watch.fd, SHUT_WR);
  }
  return true;
}

/* One piece. False: nothing more now, or the channel is at its end. */
static bool read_piece(struct port *port) {
  struct client *client = port->channel.client;
  size_t most = sizeof client->runner->scratch;
  if (port->channel.credit < (int64_t)most) most = (size_t)port->channel.credit;
  ssize_t count = recv(port->watch.fd, client->runner->scratch, most, 0);
  if (count < 0 && errno == EINTR) return true;
  if (count < 0 && errno == EAGAIN) {
    port->readable = false;
    return false;
  }
  if (count < 0) {
    channel_fail(&port->channel, PROBLEM_IO, errno, strerror(errno));
    return false;
  }
  if (count == 0) {
    port->program_ended = true;
    answer_empty(client, (enum answer)ANSWER_PORT_END, port->channel.number);
    return false;
  }
  answer_begin(client, (enum answer)ANSWER_PORT_DATA, port->channel.number);
  answer_data(client, client->runner->scratch, (size_t)count);
  answer_end(client);
  port->channel.credit -= count;
  return true;
}

/* What is waited for: room for what is pending, and data where there is room for that. */
static bool wait_on(struct port *port) {
  uint32_t events = 0;
  if (port->pending.length > 0) events |= EPOLLOUT;
  if (!port->program_ended && !port->readable && port->channel.credit > 0) events |= EPOLLIN;
  return watch_for(&port->channel.client->runner->loop, &port->watch, events);
}

static bool port_pump(struct channel *channel) {
  struct port *port = OWNER(channel, struct port, channel);
  if (!port->connected) return false;
  if (!write_pending(port)) return false;
  bool more = false;
  for (int count = 0; port->readable && !port->program_ended && channel->credit > 0; count++) {
    more = !client_has_room(channel->client) || count == READS_PER_TURN;
    if (more || !read_piece(port)) break;
  }
  if (channel->closed) return false;
  if (port->program_ended && port->shut) {
    channel_end(channel);
  } else if (!wait_on(port)) {
    channel_fail(channel, PROBLEM_TOO_MANY, errno, "the connection cannot be waited for");
  }
  return more && !channel->closed;
}

static bool port_frame(struct channel *channel, uint8_t type, struct reader *payload) {
  struct port *port = OWNER(channel, struct port, channel);
  struct text data;
  switch (type) {
    case REQUEST_CREDIT:
      channel->credit += read_u32(payload);
      return read_whole(payload);
    case REQUEST_PORT_DATA:
      data = read_rest(payload);
      /* More than was allowed, or after its end. */
      if (data.length > port->allowed || port->client_ended) return false;
      port->allowed -= data.length;
      return bytes_append(&port->pending, data.data, data.length);
    case REQUEST_PORT_END:
      port->client_ended = true;
      return read_whole(payload);
    case REQUEST_CANCEL:
      if (!read_whole(payload)) return false;
      channel_end(channel);
      return true;
    default:
      return false;
  }
}

static void port_close(struct channel *channel) {
  struct port *port = OWNER(channel, struct port, channel);
  watch_close(&channel->client->runner->loop, &port->watch);
  bytes_free(&port->pending);
}

static const struct channel_kind port_kind = {port_pump, port_frame, port_close};

void request_connect(struct client *client, uint32_t channel, struct reader *payload) {
  uint16_t number = read_u16(payload);
  uint32_t window = read_u32(payload);
  if (!read_whole(payload) || number == 0) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "CONNECT cannot be read");
    return;
  }
  struct port *port = channel_open(client, channel, &port_kind, sizeof *port);
  if (port == NULL) return;
  port->watch.fd = -1;
  port->number = number;
  port->channel.credit = window;
  if (!connect_to(port, AF_INET)) refused(port, errno);
}
