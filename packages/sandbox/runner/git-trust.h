/* Lets git work in the work folder. */
#ifndef GIT_TRUST_H
#define GIT_TRUST_H

#include "runner.h"

/* Where `home` has no configuration of git yet and the work folder is somebody else's; elsewhere nothing is done. */
void git_trust_work(const struct runner *runner, const char *home);

#endif
