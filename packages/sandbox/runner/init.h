/* The runner itself: the first process of the sandbox. */
#ifndef INIT_H
#define INIT_H

#include "runner.h"

/* Returns with the code to end with. */
int init(const struct settings *settings);

#endif
