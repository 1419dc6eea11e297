/* When the sandbox ends: at its time, when nobody needs it any more, or when it is told to. */
#ifndef EXPIRY_H
#define EXPIRY_H

#include "client.h"
#include "ending.h"

struct expiry {
  struct timer timer;
  struct timer last_answers;
  struct ending ending;
  uint64_t at;      /* now_ms(); UINT64_MAX: never */
  uint64_t idle;    /* 0: never */
  uint64_t touched; /* now_ms() when somebody last needed it */
  uint64_t give_up; /* how long the last answers may take */
  int code;         /* of the runner */
  bool ends;
  bool over;
};

void expiry_init(struct runner *runner);
/* Somebody came or went, or a command began or ended. */
void expiry_touch(struct runner *runner);
/* Ends everything and then the runner. */
void expiry_end(struct runner *runner, uint32_t grace, int code);

void request_expire(struct client *client, uint32_t channel, struct reader *payload);
void request_shutdown(struct client *client, uint32_t channel, struct reader *payload);

#endif
