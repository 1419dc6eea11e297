#include "info.h"

#include "cgroup.h"
#include "command.h"
#include "runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* More than any machine has: how cgroups of version 1 say that there is no limit. */
#define NO_LIMIT (UINT64_C(1) << 62)

struct measure {
  const char *name;
  uint64_t value;
};

struct measures {
  struct measure list[16];
  uint32_t count;
};

static void add(struct measures *measures, const char *name, uint64_t value) {
  if (measures->count < sizeof measures->list / sizeof *measures->list) {
    measures->list[measures->count++] = (struct measure){name, value};
  }
}

void info_init(struct runner *runner) {
  runner->out_of_memory_file = cgroup_open("memory", "memory.events");
  if (runner->out_of_memory_file < 0) runner->out_of_memory_file = cgroup_open("memory", "memory.oom_control");
  FILE *score = fopen("/proc/self/oom_score_adj", "re");
  if (score == NULL) return;
  if (fscanf(score, "%d", &runner->own_oom_score) != 1) runner->own_oom_score = 0;
  fclose(score);
}

uint64_t out_of_memory_kills(const struct runner *runner) {
  uint64_t kills = 0;
  return cgroup_field(runner->out_of_memory_file, "oom_kill", &kills) ? kills : 0;
}

/* One number under its name in version 2, else under that in version 1. */
static void add_number(struct measures *measures, const char *name, const char *controller, const char *file,
                       const char *older_file) {
  uint64_t value;
  if (!cgroup_number(controller, file, &value) && !cgroup_number(controller, older_file, &value)) return;
  if (value < NO_LIMIT) add(measures, name, value);
}

static void add_processor_time(struct measures *measures) {
  uint64_t value;
  int file = cgroup_open("cpu", "cpu.stat");
  if (cgroup_field(file, "usage_usec", &value)) {
    add(measures, "cpu_usec", value);
  } else if (cgroup_number("cpuacct", "cpuacct.usage", &value)) {
    add(measures, "cpu_usec", value / 1000);
  }
  if (file >= 0) close(file);
}

static void add_uid_map(struct measures *measures) {
  FILE *map = fopen("/proc/self/uid_map", "re");
  unsigned long long length;
  if (map == NULL) return;
  if (fscanf(map, "%*u %*u %llu", &length) == 1) add(measures, "uid_map_length", length);
  fclose(map);
}

static void add_disk(struct measures *measures, int work) {
  struct statvfs disk;
  if (fstatvfs(work, &disk) == 0) add(measures, "disk_free_bytes", (uint64_t)disk.f_bavail * disk.f_frsize);
}

void request_info(struct client *client, uint32_t channel, struct reader *payload) {
  const struct runner *runner = client->runner;
  if (!read_whole(payload)) {
    answer_error(client, channel, PROBLEM_BAD_REQUEST, 0, "INFO has no payload");
    return;
  }
  struct measures measures = {0};
  add_number(&measures, "memory_bytes", "memory", "memory.current", "memory.usage_in_bytes");
  add_number(&measures, "memory_limit_bytes", "memory", "memory.max", "memory.limit_in_bytes");
  add_number(&measures, "memory_peak_bytes", "memory", "memory.peak", "memory.max_usage_in_bytes");
  uint64_t kills;
  if (cgroup_field(runner->out_of_memory_file, "oom_kill", &kills)) add(&measures, "out_of_memory_kills", kills);
  add_processor_time(&measures);
  add_number(&measures, "processes", "pids", "pids.current", "pids.current");
  add(&measures, "commands_running", runner->running_count);
  add(&measures, "commands_kept", runner->command_count);
  add(&measures, "output_bytes_kept", runner->keep.kept);
  add(&measures, "clients", runner->client_count);
  add_uid_map(&measures);
  add_disk(&measures, runner->work);
  answer_begin(client, ANSWER_INFO, channel);
  answer_u32(client, measures.count);
  for (uint32_t index = 0; index < measures.count; index++) {
    answer_text(client, measures.list[index].name);
    answer_u64(client, measures.list[index].value);
  }
  answer_end(client);
  answer_empty(client, ANSWER_END, channel);
}
