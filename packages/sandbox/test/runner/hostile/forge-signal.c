/* Queues SIGTERM for the first process with the sender 0, as if it came from outside. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = SIGTERM;
  info.si_code = SI_QUEUE;
  long sent = syscall(SYS_rt_sigqueueinfo, 1, SIGTERM, &info);
  puts(sent == 0 ? "sent" : "refused");
  return 0;
}
