/* A process of another session whose environment seems to be a terabyte. */
#include <linux/prctl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int place[2] = {1, 2};

int main(void) {
  setsid();
  size_t length = (size_t)1 << 40;
  char *start = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  struct prctl_mm_map map = {0};
  map.start_code = map.start_data = map.start_stack = map.arg_start = (uintptr_t)place;
  map.end_code = map.end_data = map.arg_end = (uintptr_t)(place + 1);
  map.start_brk = map.brk = (uintptr_t)sbrk(0);
  map.env_start = (uintptr_t)start;
  map.env_end = (uintptr_t)start + length;
  map.exe_fd = (uint32_t)-1;
  int done = start == MAP_FAILED ? -1 : prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0);
  puts(done == 0 ? "endless" : "refused");
  fflush(stdout);
  for (;;) pause();
}
