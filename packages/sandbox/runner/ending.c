#include "ending.h"

#include "tree.h"
#include "runner.h"

#include <signal.h>

/* In the grace it is looked at times whether all are gone, so that a record does not stay busy for nothing. */
#define LOOK_MS 100u
#define LONGEST_PAUSE_MS 100u

static void look_again(struct ending *ending) {
  uint64_t now = now_ms();
  uint64_t pause = ending->killing ? ending->pause : LOOK_MS;
  if (!ending->killing && ending->until < now + pause) pause = ending->until > now ? ending->until - now : 1;
  timer_set(&ending->runner->loop, &ending->timer, now + pause);
}

/* How many there were. */
static uint32_t kill_all(struct ending *ending) {
  if (!ending->killing) ending->pause = 1;
  ending->killing = true;
  uint32_t killed = tree_kill(ending->of);
  if (killed == 0) {
    ending->active = false;
    timer_clear(&ending->runner->loop, &ending->timer);
    return 0;
  }
  /* Those that were killed are gone at once or, where the kernel is busy with them, a little later. */
  look_again(ending);
  ending->pause = ending->pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : ending->pause * 2;
  return killed;
}

static void on_due(struct timer *timer) {
  struct ending *ending = OWNER(timer, struct ending, timer);
  if (ending->killing || now_ms() >= ending->until) {
    kill_all(ending);
  } else if (tree_count(ending->of) == 0) {
    ending->active = false;
  } else {
    look_again(ending);
  }
}

void ending_init(struct ending *ending, struct runner *runner, const struct command *of) {
  *ending = (struct ending){.runner = runner, .of = of, .timer.due = on_due};
}

uint32_t ending_begin(struct ending *ending, uint32_t grace) {
  uint64_t until = now_ms() + grace;
  if (!ending->active || until < ending->until) ending->until = until;
  if (!ending->active) ending->killing = false;
  ending->active = true;
  if (grace == 0) return kill_all(ending);
  uint32_t told = tree_signal(ending->of, SIGTERM);
  /* One that is stopped could not end of its own accord. */
  tree_signal(ending->of, SIGCONT);
  if (!ending->killing) look_again(ending);
  return told;
}

void ending_stop(struct ending *ending) {
  timer_clear(&ending->runner->loop, &ending->timer);
  ending->active = false;
}
