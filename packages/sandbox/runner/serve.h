/* What a client's exec call runs: standard input to the runner's socket, and the socket to standard output. */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>

/* Returns with the code to end with. `any_runner`: also one that is not the first process. */
int serve(const char *socket, bool any_runner);

#endif
