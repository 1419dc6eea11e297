/* Waits for descriptors and for times, and calls who asked. One thread, no blocking anywhere else. */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

/* The struct of type `type` whose `member` is at `pointer`. */
#define OWNER(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* A descriptor that is waited for. Part of the struct that owns the descriptor; all zeros before its first use. */
struct watch {
  int fd;
  uint32_t events;
  void (*ready)(struct watch *watch, uint32_t events);
};

/* A time that is waited for. All zeros before its first use. */
struct timer {
  struct timer *next;
  uint64_t at;
  void (*due)(struct timer *timer);
  bool armed;
};

#define LOOP_BATCH 64

struct loop {
  int epoll;
  struct timer *timers;
  struct epoll_event batch[LOOP_BATCH];
  int batch_at;
  int batch_count;
};

/* Milliseconds that only go forward, from somewhere. */
uint64_t now_ms(void);
/* Milliseconds since 1970. */
uint64_t wall_ms(void);

bool loop_init(struct loop *loop);
/* Waits for the next event, not at all where there is `work` left to do, and calls everybody who is ready or due. */
bool loop_turn(struct loop *loop, bool work);

/* Changes what is waited for; 0 is nothing at all, also no hang-up. False where the kernel refuses. */
bool watch_for(struct loop *loop, struct watch *watch, uint32_t events);
/* Ends the waiting and closes the descriptor. `ready` is not called again. */
void watch_close(struct loop *loop, struct watch *watch);

void timer_set(struct loop *loop, struct timer *timer, uint64_t at);
void timer_clear(struct loop *loop, struct timer *timer);

#endif
