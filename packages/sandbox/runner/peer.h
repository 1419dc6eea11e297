/* Who is at the other end of a socket. */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether the process that connected came into the container by the cluster's exec call: its parent is outside. */
bool peer_is_from_outside(int socket);
/* The process at the other end, in our namespace; 0 where it is not in it, -1 where the kernel does not say. */
pid_t peer_process(int socket);

#endif
