#include "spawn.h"

#include "command.h"
#include "exec.h"
#include "info.h"
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A command is a little more likely to be chosen by the kernel when memory is short than the runner, which is what tells of it. */
#define MORE_LIKELY 50
#define MOST_LIKELY 1000
/* How long a program may take to begin, and how often it is told to go on. */
#define BEGIN_MS 5000u
#define CONTINUE_MS 50

/* Both ends of what leads to the command; -1: none. */
struct ends {
  int child[3];
  int input;
  int output;
  int errors;
};

static void close_all(struct ends *ends) {
  for (int index = 0; index < 3; index++) {
    /* A terminal is all three. */
    if (ends->child[index] >= 0 && (index == 0 || ends->child[index] != ends->child[0])) close(ends->child[index]);
    ends->child[index] = -1;
  }
}

static void close_ours(const struct ends *ends) {
  if (ends->input >= 0) close(ends->input);
  if (ends->output >= 0) close(ends->output);
  if (ends->errors >= 0) close(ends->errors);
}

/* Only our end does not block: commands find pipes as they know them. */
static bool open_pipe(int *ours, int *theirs, bool we_write) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  *ours = ends[we_write ? 1 : 0];
  *theirs = ends[we_write ? 0 : 1];
  return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

static bool open_pipes(const struct spawn *spawn, struct ends *ends) {
  if (spawn->stdin_open) {
    if (!open_pipe(&ends->input, &ends->child[0], true)) return false;
  } else {
    ends->child[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (ends->child[0] < 0) return false;
  }
  return open_pipe(&ends->output, &ends->child[1], false) && open_pipe(&ends->errors, &ends->child[2], false);
}

static bool open_terminal(const struct spawn *spawn, struct ends *ends) {
  ends->output = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  char name[64];
  if (ends->output < 0 || unlockpt(ends->output) != 0 || ptsname_r(ends->output, name, sizeof name) != 0) return false;
  int terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return false;
  for (int index = 0; index < 3; index++) ends->child[index] = terminal;
  struct winsize size = {.ws_row = spawn->rows, .ws_col = spawn->columns};
  ends->input = fcntl(ends->output, F_DUPFD_CLOEXEC, 3);
  return ends->input >= 0 && ioctl(ends->output, TIOCSWINSZ, &size) == 0;
}

/*
 * What the new process says before the program runs: nothing, or why it cannot. Until then any process of the same user can
 * stop it, and everything waits here for it; so it is told to go on, and not waited for longer than a slow disk needs.
 */
static bool read_failure(pid_t pid, int fd, struct exec_failure *failure) {
  struct pollfd said = {.fd = fd, .events = POLLIN};
  uint64_t until = now_ms() + BEGIN_MS;
  while (poll(&said, 1, CONTINUE_MS) <= 0) {
    if (now_ms() >= until) {
      *failure = (struct exec_failure){EXEC_PROGRAM, ETIMEDOUT};
      return true;
    }
    kill(pid, SIGCONT);
  }
  ssize_t count;
  do {
    count = read(fd, failure, sizeof *failure);
  } while (count < 0 && errno == EINTR);
  /* So little is written in one piece. */
  return count == (ssize_t)sizeof *failure;
}

static void raise_oom_score(const struct runner *runner, pid_t pid) {
  char text[40];
  snprintf(text, sizeof text, "/proc/%d/oom_score_adj", (int)pid);
  int fd = open(text, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  int score = runner->own_oom_score + MORE_LIKELY;
  int length = snprintf(text, sizeof text, "%d", score > MOST_LIKELY ? MOST_LIKELY : score);
  /* Without it memory is short in another order, no more. */
  ssize_t ignored = write(fd, text, (size_t)length);
  (void)ignored;
  close(fd);
}

/* The process, once its program runs; -1 with errno and `problem`. */
static pid_t run(const struct runner *runner, const struct spawn *spawn, const struct ends *ends,
                 const char **problem) {
  int report[2];
  *problem = "no process can be started";
  if (pipe2(report, O_CLOEXEC) != 0) return -1;
  pid_t pid = fork();
  if (pid == 0) exec_command(runner, spawn, ends->child, report[1]);
  int error = errno;
  close(report[1]);
  struct exec_failure failure;
  if (pid > 0 && read_failure(pid, report[0], &failure)) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    *problem = failure.stage == EXEC_FOLDER ? "the working folder cannot be entered" : "the program cannot be run";
    error = failure.error;
    pid = -1;
  }
  close(report[0]);
  errno = error;
  return pid;
}

const char *spawn_command(struct command *command, const struct spawn *spawn, uint32_t timeout) {
  struct runner *runner = command->runner;
  struct ends ends = {{-1, -1, -1}, -1, -1, -1};
  const char *problem = spawn->terminal ? "no terminal can be opened" : "no pipe can be opened";
  bool opened = spawn->terminal ? open_terminal(spawn, &ends) : open_pipes(spawn, &ends);
  /* Before it begins: it may be killed for memory at once. */
  command->out_of_memory_before = out_of_memory_kills(runner);
  pid_t pid = opened ? run(runner, spawn, &ends, &problem) : -1;
  int error = errno;
  close_all(&ends);
  if (pid < 0) {
    close_ours(&ends);
    errno = error;
    return problem;
  }
  raise_oom_score(runner, pid);
  command_started(command, pid, timeout);
  input_open(&command->input, command, ends.input);
  /* Where the kernel has no room to wait for another pipe the output is at its end at once; the command itself runs. */
  bool all = output_open(&command->outputs[0], command, 1, ends.output);
  all = output_open(&command->outputs[1], command, 2, ends.errors) && all;
  if (!all) command->flags |= EXIT_DISK_FULL;
  return NULL;
}
