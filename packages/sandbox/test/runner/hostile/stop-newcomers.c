/* Stops each process that begins after it, for two to three seconds. */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  time_t until = time(NULL) + 3;
  puts("up");
  fflush(stdout);
  while (time(NULL) < until) {
    for (pid_t pid = getpid() + 1; pid < getpid() + 100; pid++) kill(pid, SIGSTOP);
  }
  return 0;
}
