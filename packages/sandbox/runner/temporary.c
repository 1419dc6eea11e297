#include "temporary.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

bool temporary_name(char name[TEMPORARY_NAME]) {
  uint64_t random;
  if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) return false;
  snprintf(name, TEMPORARY_NAME, ".ephemera-%016llx", (unsigned long long)random);
  return true;
}
