#include "init.h"

#include "client.h"
#include "command.h"
#include "folders.h"
#include "git-trust.h"
#include "info.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_MS 5000u
#define CODE_OF_SIGTERM 143
#define ACCEPTS_PER_TURN 16
#define REAPS_PER_TURN 256
/* So long nobody is let in where there are no descriptors for it. */
#define NO_FILES_MS 100u

static int fail(const char *what) {
  fprintf(stderr, "runner: %s: %s\n", what, strerror(errno));
  return 1;
}

/* Not all at once: there may be many, and more of them all the time. */
static void reap(struct runner *runner) {
  for (int count = 0; count < REAPS_PER_TURN; count++) {
    int status;
    runner->unreaped = false;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return;
    commands_reaped(runner, pid, status);
  }
  runner->unreaped = true;
}

/*
 * As the first process we are told to end from outside only, and then the sender has no number here. From inside anybody
 * of the same user could send it; other signals of theirs do nothing to a first process either. Who queues a signal may
 * write any sender into it, but not that it came by a plain kill().
 */
static bool counts(const struct signalfd_siginfo *signal) {
  return getpid() != 1 || (signal->ssi_code == SI_USER && signal->ssi_pid == 0);
}

static void on_signals(struct watch *watch, uint32_t events) {
  (void)events;
  struct runner *runner = OWNER(watch, struct runner, signals);
  struct signalfd_siginfo signal;
  while (read(watch->fd, &signal, sizeof signal) == (ssize_t)sizeof signal) {
    if (signal.ssi_signo != SIGCHLD && counts(&signal)) expiry_end(runner, GRACE_MS, CODE_OF_SIGTERM);
  }
  reap(runner);
}

static void on_connection(struct watch *watch, uint32_t events) {
  (void)events;
  struct runner *runner = OWNER(watch, struct runner, listener);
  for (int count = 0; count < ACCEPTS_PER_TURN; count++) {
    int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      /* It would be told again at once, and again. */
      if ((errno == EMFILE || errno == ENFILE) && watch_for(&runner->loop, watch, 0)) {
        timer_set(&runner->loop, &runner->accept_again, now_ms() + NO_FILES_MS);
      }
      return;
    }
    if (client_accept(runner, fd)) {
      expiry_touch(runner);
    } else {
      close(fd);
    }
  }
}

static void on_accept_again(struct timer *timer) {
  struct runner *runner = OWNER(timer, struct runner, accept_again);
  if (!watch_for(&runner->loop, &runner->listener, EPOLLIN)) timer_set(&runner->loop, timer, now_ms() + NO_FILES_MS);
}

/* SIGPIPE is ignored here; commands get it back. */
static bool watch_signals(struct runner *runner) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  struct sigaction usual = {.sa_handler = SIG_DFL};
  if (sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0) return false;
  /* Whoever started us may have ignored it; then the kernel would not tell how commands end. */
  if (sigaction(SIGCHLD, &usual, NULL) != 0 || sigprocmask(SIG_SETMASK, &set, NULL) != 0) return false;
  runner->signals = (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = on_signals};
  return runner->signals.fd >= 0 && watch_for(&runner->loop, &runner->signals, EPOLLIN);
}

static bool listen_at(struct runner *runner, const char *path) {
  make_folders_for(path);
  int fd = socket_listen(path);
  if (fd < 0) return false;
  runner->listener = (struct watch){.fd = fd, .ready = on_connection};
  runner->accept_again.due = on_accept_again;
  return watch_for(&runner->loop, &runner->listener, EPOLLIN);
}

/* Descriptors 0 to 2 stay taken, so that nothing of ours gets their numbers. */
static bool fill_standard_files(void) {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR);
    if (fd < 0) return false;
  } while (fd <= 2);
  close(fd);
  /* What the container runtime may have left open is none of the commands' business. */
  closefrom_three();
  return true;
}

static void raise_file_limit(struct runner *runner) {
  if (getrlimit(RLIMIT_NOFILE, &runner->files_before) != 0) return;
  struct rlimit most = {runner->files_before.rlim_max, runner->files_before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &most);
}

static bool prepare_process(struct runner *runner) {
  /* Nobody of the same user may trace this process or look into its memory. */
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return false;
  /* As an ordinary process, too, what commands leave behind comes to us. */
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return false;
  umask(0);
  raise_file_limit(runner);
  runner->booted = now_ms();
  return getrandom(runner->boot_id, sizeof runner->boot_id, 0) == (ssize_t)sizeof runner->boot_id;
}

static bool open_work(struct runner *runner) {
  const char *home = getenv("HOME");
  if (home != NULL) make_folders(home);
  make_folders(runner->settings->work);
  runner->work = open(runner->settings->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (runner->work >= 0 && home != NULL) git_trust_work(runner, home);
  return runner->work >= 0;
}

static int run(struct runner *runner) {
  const struct settings *settings = runner->settings;
  if (!fill_standard_files() || !loop_init(&runner->loop)) return fail("descriptors");
  if (!prepare_process(runner)) return fail("process");
  if (!open_work(runner)) return fail(settings->work);
  if (!keep_init(runner)) return fail(settings->output);
  info_init(runner);
  expiry_init(runner);
  if (!watch_signals(runner)) return fail("signals");
  if (!listen_at(runner, settings->socket)) return fail(settings->socket);
  bool more = false;
  while (!runner->expiry.over) {
    if (!loop_turn(&runner->loop, more)) return fail("waiting");
    if (runner->unreaped) reap(runner);
    more = clients_turn(runner) || runner->unreaped;
  }
  return runner->expiry.code;
}

int init(const struct settings *settings) {
  struct runner *runner = calloc(1, sizeof *runner);
  if (runner == NULL) return fail("memory");
  runner->settings = settings;
  int code = run(runner);
  /* For what looks for leaks: the kernel would take it back, too. */
  clients_free(runner);
  while (runner->commands != NULL) command_remove(runner->commands);
  bytes_free(&runner->environment);
  free(runner);
  return code;
}
