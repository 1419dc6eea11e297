#include "expiry.h"

#include "command.h"
#include "runner.h"

#define GRACE_MS 5000u
/* So long clients may take to read what is still to be told. */
#define LAST_ANSWERS_MS 3000u
/* A process that the kernel cannot end so long after SIGKILL ends with the container. */
#define STUCK_MS 10000u

static bool is_idle(const struct runner *runner) { return runner->client_count == 0 && runner->running_count == 0; }

static void look_later(struct runner *runner) {
  struct expiry *expiry = &runner->expiry;
  if (expiry->ends) return;
  uint64_t at = expiry->at;
  if (expiry->idle > 0 && is_idle(runner) && expiry->touched + expiry->idle < at) at = expiry->touched + expiry->idle;
  if (at == UINT64_MAX) {
    timer_clear(&runner->loop, &expiry->timer);
  } else {
    timer_set(&runner->loop, &expiry->timer, at);
  }
}

void expiry_touch(struct runner *runner) {
  runner->expiry.touched = now_ms();
  look_later(runner);
}

static void on_due(struct timer *timer) {
  struct expiry *expiry = OWNER(timer, struct expiry, timer);
  struct runner *runner = OWNER(expiry, struct runner, expiry);
  uint64_t now = now_ms();
  bool idle = expiry->idle > 0 && is_idle(runner) && now >= expiry->touched + expiry->idle;
  if (idle || now >= expiry->at) {
    expiry_end(runner, GRACE_MS, 0);
  } else {
    look_later(runner);
  }
}

/* All output is there, and whoever reads a command that had ended before has got its end. */
static bool all_told(const struct runner *runner) {
  for (const struct command *command = runner->commands; command != NULL; command = command->next) {
    if (!command->settled || (!command->cut_off && command->attached != NULL)) return false;
  }
  return true;
}

/* Everybody may still read what the last commands wrote, and how those ended that had done so before. */
static void on_last_answers(struct timer *timer) {
  struct expiry *expiry = OWNER(timer, struct expiry, last_answers);
  struct runner *runner = OWNER(expiry, struct runner, expiry);
  uint64_t now = now_ms();
  if (expiry->give_up == UINT64_MAX && !expiry->ending.active) expiry->give_up = now + LAST_ANSWERS_MS;
  bool told = !expiry->ending.active && all_told(runner) && clients_flushed(runner);
  bool stuck = expiry->ending.killing && now >= expiry->ending.until + STUCK_MS;
  expiry->over = told || stuck || now >= expiry->give_up;
  if (!expiry->over) timer_set(&runner->loop, timer, now + 5);
}

void expiry_end(struct runner *runner, uint32_t grace, int code) {
  struct expiry *expiry = &runner->expiry;
  uint64_t now = now_ms();
  if (!expiry->ends) {
    expiry->ends = true;
    expiry->code = code;
    commands_cut_off(runner);
    timer_clear(&runner->loop, &expiry->timer);
    timer_set(&runner->loop, &expiry->last_answers, now + 1);
  }
  ending_begin(&expiry->ending, grace);
}

void expiry_init(struct runner *runner) {
  struct expiry *expiry = &runner->expiry;
  uint64_t in = runner->settings->expires_in_ms;
  *expiry = (struct expiry){.at = in == UINT64_MAX ? UINT64_MAX : now_ms() + in, .idle = runner->settings->idle_ms};
  expiry->timer.due = on_due;
  expiry->last_answers.due = on_last_answers;
  expiry->give_up = UINT64_MAX;
  ending_init(&expiry->ending, runner, NULL);
  expiry_touch(runner);
}

void request_expire(struct client *client, uint32_t channel, struct reader *payload) {
  struct expiry *expiry = &client->runner->expiry;
  uint64_t in = read_u64(payload);
  uint32_t idle = read_u32(payload);
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "EXPIRE cannot be read");
    return;
  }
  if (expiry->ends) {
    client_hang_up(client);
    return;
  }
  uint64_t now = now_ms();
  expiry->at = in > UINT64_MAX - now ? UINT64_MAX : now + in;
  expiry->idle = idle;
  expiry_touch(client->runner);
  answer_empty(client, ANSWER_END, channel);
}

void request_shutdown(struct client *client, uint32_t channel, struct reader *payload) {
  uint32_t grace = read_u32(payload);
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "SHUTDOWN cannot be read");
    return;
  }
  answer_empty(client, ANSWER_END, channel);
  expiry_end(client->runner, grace, 0);
}
