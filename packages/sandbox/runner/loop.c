#include "loop.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ms(clockid_t clock) {
  struct timespec time = {0};
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000u + (uint64_t)time.tv_nsec / 1000000u;
}

uint64_t now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }

uint64_t wall_ms(void) { return clock_ms(CLOCK_REALTIME); }

bool loop_init(struct loop *loop) {
  *loop = (struct loop){0};
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  return loop->epoll >= 0;
}

/* At most a minute: a clock that was suspended is looked at again. */
static int until_next_timer(const struct loop *loop) {
  uint64_t now = now_ms();
  uint64_t wait = 60000;
  for (const struct timer *timer = loop->timers; timer != NULL; timer = timer->next) {
    uint64_t left = timer->at <= now ? 0 : timer->at - now;
    if (left < wait) wait = left;
  }
  return (int)wait;
}

static struct timer *next_due(struct loop *loop, uint64_t now) {
  for (struct timer *timer = loop->timers; timer != NULL; timer = timer->next) {
    if (timer->at <= now) return timer;
  }
  return NULL;
}

bool loop_turn(struct loop *loop, bool work) {
  int count = epoll_wait(loop->epoll, loop->batch, LOOP_BATCH, work ? 0 : until_next_timer(loop));
  if (count < 0 && errno != EINTR) return false;
  loop->batch_count = count < 0 ? 0 : count;
  for (loop->batch_at = 0; loop->batch_at < loop->batch_count; loop->batch_at++) {
    struct epoll_event event = loop->batch[loop->batch_at];
    struct watch *watch = event.data.ptr;
    if (watch != NULL) watch->ready(watch, event.events);
  }
  loop->batch_count = 0;
  uint64_t now = now_ms();
  for (struct timer *timer = next_due(loop, now); timer != NULL; timer = next_due(loop, now)) {
    timer_clear(loop, timer);
    timer->due(timer);
  }
  return true;
}

/* Events of this turn that are still to come were for an owner who may be gone. */
static void forget_batch(struct loop *loop, const struct watch *watch) {
  for (int index = loop->batch_at + 1; index < loop->batch_count; index++) {
    if (loop->batch[index].data.ptr == watch) loop->batch[index].data.ptr = NULL;
  }
}

bool watch_for(struct loop *loop, struct watch *watch, uint32_t events) {
  if (events == watch->events) return true;
  struct epoll_event event = {.events = events, .data.ptr = watch};
  /* Kept with no events it would still report hang-ups, again and again. */
  int operation = events == 0 ? EPOLL_CTL_DEL : watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(loop->epoll, operation, watch->fd, &event) != 0) return false;
  if (events == 0) forget_batch(loop, watch);
  watch->events = events;
  return true;
}

void watch_close(struct loop *loop, struct watch *watch) {
  if (watch->fd < 0) return;
  watch_for(loop, watch, 0);
  forget_batch(loop, watch);
  close(watch->fd);
  watch->fd = -1;
  watch->events = 0;
}

void timer_set(struct loop *loop, struct timer *timer, uint64_t at) {
  uint64_t now = now_ms();
  /* Never due in the turn that sets it: one that is set again and again would hold everybody up. */
  timer->at = at > now ? at : now + 1;
  if (timer->armed) return;
  timer->armed = true;
  timer->next = loop->timers;
  loop->timers = timer;
}

void timer_clear(struct loop *loop, struct timer *timer) {
  if (!timer->armed) return;
  timer->armed = false;
  for (struct timer **at = &loop->timers; *at != NULL; at = &(*at)->next) {
    if (*at == timer) {
      *at = timer->next;
      return;
    }
  }
}
