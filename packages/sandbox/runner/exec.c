#include "exec.h"

#include "runner.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static _Noreturn void fail(int report, enum exec_stage stage, int error) {
  struct exec_failure failure = {(int)stage, error};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  _exit(127);
}

/* As programs expect them: nothing blocked, nothing ignored. */
static void reset_signals(void) {
  struct sigaction usual = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &usual, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* To 0, 1 and 2. Ours are all above: the runner keeps these three open. */
static bool place_files(const int files[3]) {
  for (int index = 0; index < 3; index++) {
    if (dup2(files[index], index) != index) return false;
  }
  return true;
}

/* The program by its name in one folder after the other. The most telling of their errors stays. */
static int exec_in_path(const struct spawn *spawn) {
  const char *name = spawn->arguments[0];
  size_t name_length = strlen(name);
  if (name_length == 0) return ENOENT;
  if (name_length > NAME_MAX) return ENAMETOOLONG;
  int error = ENOENT;
  const char *folder = spawn->path == NULL ? USUAL_PATH : spawn->path;
  while (true) {
    size_t length = strcspn(folder, ":");
    char program[PATH_MAX];
    if (length + 1 + name_length < sizeof program) {
      memcpy(program, folder, length);
      /* An empty entry is the working folder. */
      size_t at = length;
      if (length > 0) program[at++] = '/';
      memcpy(program + at, name, name_length + 1);
      execve(program, spawn->arguments, spawn->environment);
      if (errno == EACCES) {
        error = EACCES;
      } else if (errno != ENOENT && errno != ENOTDIR) {
        return errno;
      }
    }
    if (folder[length] == 0) return error;
    folder += length + 1;
  }
}

_Noreturn void exec_command(const struct runner *runner, const struct spawn *spawn, const int files[3], int report) {
  reset_signals();
  umask(022);
  setsid();
  if (!place_files(files)) fail(report, EXEC_PROGRAM, errno);
  if (spawn->terminal && ioctl(0, TIOCSCTTY, 0) != 0) fail(report, EXEC_PROGRAM, errno);
  setrlimit(RLIMIT_NOFILE, &runner->files_before);
  if (fchdir(runner->work) != 0) fail(report, EXEC_FOLDER, errno);
  if (spawn->cwd[0] != 0 && chdir(spawn->cwd) != 0) fail(report, EXEC_FOLDER, errno);
  if (strchr(spawn->arguments[0], '/') == NULL) fail(report, EXEC_PROGRAM, exec_in_path(spawn));
  execve(spawn->arguments[0], spawn->arguments, spawn->environment);
  fail(report, EXEC_PROGRAM, errno);
}
