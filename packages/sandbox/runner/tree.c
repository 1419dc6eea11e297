#include "tree.h"

#include "command.h"
#include "runner.h"
#include "stat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A tree that still grows after so many looks is killed as far as it is known; the caller looks again. */
#define MOST_PASSES 50
/*
 * A process can make its environment seem as large as it likes. A real one has at most 6 MiB; of all together so much is
 * read in one look, and once that is used up only the beginning of each.
 */
#define MOST_ENVIRONMENT (6u * 1024u * 1024u)
#define MOST_ENVIRONMENTS (32u * 1024u * 1024u)
#define LEAST_ENVIRONMENT (64u * 1024u)

struct process {
  pid_t pid;
  struct stat_line line;
  bool ours;   /* it came from the runner */
  bool member; /* of what is looked for */
  bool ended;
  bool stopped; /* by this look */
};

/* What is looked for. */
struct look {
  const struct command *command;                     /* NULL: all that came from the runner */
  char entry[sizeof "EPHEMERA_COMMAND=" + MOST_ID]; /* in the environment of the command's processes */
  bool stop;                                         /* each one at once when it is met */
  bool number_is_others;                             /* the command has ended, and its number is somebody else's now */
  size_t left;                                       /* of MOST_ENVIRONMENTS */
};

struct processes {
  struct process *list; /* by number */
  size_t count;
  size_t capacity;
};

static int by_number(const void *left, const void *right) {
  pid_t a = ((const struct process *)left)->pid;
  pid_t b = ((const struct process *)right)->pid;
  return a < b ? -1 : a > b;
}

static struct process *parent_of(const struct processes *found, const struct process *process) {
  struct process key = {.pid = process->line.parent};
  if (found->count == 0) return NULL;
  return bsearch(&key, found->list, found->count, sizeof key, by_number);
}

/* Sets a mark on all that come from a marked one. Parents mostly have the lower number: one or two rounds are enough. */
static void spread(struct processes *found, bool *(*mark)(struct process *)) {
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t index = 0; index < found->count; index++) {
      struct process *process = &found->list[index];
      if (*mark(process)) continue;
      struct process *parent = parent_of(found, process);
      if (parent == NULL || !*mark(parent)) continue;
      *mark(process) = true;
      changed = true;
    }
  }
}

static bool *ours(struct process *process) { return &process->ours; }

static bool *member(struct process *process) { return &process->member; }

/* Whether its environment has the entry. Read in pieces: an environment may be megabytes long. */
static bool carries(pid_t pid, struct look *look) {
  const char *entry = look->entry;
  size_t most = look->left > LEAST_ENVIRONMENT ? look->left : LEAST_ENVIRONMENT;
  if (most > MOST_ENVIRONMENT) most = MOST_ENVIRONMENT;
  uint8_t buffer[16 * 1024];
  const size_t size = sizeof buffer;
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t length = strlen(entry) + 1;
  size_t kept = 1;
  bool carried = false;
  buffer[0] = 0; /* so that every entry has a zero before it */
  while (!carried && most > 0) {
    size_t wanted = size - kept < most ? size - kept : most;
    ssize_t count = read(fd, buffer + kept, wanted);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    most -= (size_t)count;
    look->left -= (size_t)count < look->left ? (size_t)count : look->left;
    size_t filled = kept + (size_t)count;
    const uint8_t *at = memmem(buffer, filled, entry, length);
    while (at != NULL && !carried) {
      carried = at > buffer && at[-1] == 0;
      at = memmem(at + 1, filled - (size_t)(at + 1 - buffer), entry, length);
    }
    /* An entry may begin in this piece and end in the next one. */
    kept = filled < length ? filled : length;
    memmove(buffer, buffer + filled - kept, kept);
  }
  close(fd);
  return carried;
}

/* By its own numbers or its environment, without a look at where it comes from. */
static bool looks_like_member(struct look *look, const struct process *process) {
  const struct command *command = look->command;
  if (command == NULL) return process->line.parent == getpid();
  bool same = !look->number_is_others &&
              (process->line.session == command->pid || process->line.group == command->pid ||
               (command->running && process->pid == command->pid));
  return same || (!process->ended && carries(process->pid, look));
}

/* As the first process everything inside did; else the same id may be another runner's on this machine. */
static bool comes_from_us(const struct process *process) {
  if (getpid() == 1) return true;
  pid_t parent = process->line.parent;
  struct stat_line line;
  for (int steps = 0; steps < 64 && parent > 1; steps++) {
    if (parent == getpid()) return true;
    if (!stat_of(parent, &line)) return false;
    parent = line.parent;
  }
  return false;
}

static bool grow(struct processes *found) {
  if (found->count < found->capacity) return true;
  size_t capacity = found->capacity == 0 ? 64 : found->capacity * 2;
  struct process *list = realloc(found->list, capacity * sizeof *list);
  if (list == NULL) return false;
  found->list = list;
  found->capacity = capacity;
  return true;
}

/*
 * Processes that start another one and end at once are gone before a whole look is over; stopped the moment they are met
 * they are not. The folder is read in the order of the numbers, so the look runs after them.
 */
static void stop_at_once(const struct processes *found, struct process *process) {
  const struct process *parent = parent_of(found, process);
  if (!process->member && (parent == NULL || !parent->member)) return;
  if (process->ended || process->pid == getpid() || !comes_from_us(process)) return;
  process->member = true;
  process->stopped = kill(process->pid, SIGSTOP) == 0;
}

static bool add(struct processes *found, struct look *look, pid_t pid) {
  struct process process = {.pid = pid};
  /* It may have ended since the folder was read. */
  if (!stat_of(pid, &process.line)) return true;
  /* The first thread may have ended while others go on: then it reads as a zombie with more than one thread. */
  process.ended = (process.line.state == 'Z' && process.line.threads <= 1) || process.line.state == 'X';
  process.ours = pid == getpid();
  process.member = !process.ours && looks_like_member(look, &process);
  if (look->stop) stop_at_once(found, &process);
  if (!grow(found)) return false;
  found->list[found->count++] = process;
  return true;
}

static bool read_all(struct processes *found, struct look *look) {
  DIR *folder = opendir("/proc");
  if (folder == NULL) return false;
  bool whole = true;
  for (struct dirent *entry = readdir(folder); entry != NULL && whole; entry = readdir(folder)) {
    char *end;
    long pid = strtol(entry->d_name, &end, 10);
    if (*end == 0 && pid > 0) whole = add(found, look, (pid_t)pid);
  }
  closedir(folder);
  if (found->count > 0) qsort(found->list, found->count, sizeof *found->list, by_number);
  return whole;
}

/*
 * The kernel gives a number to nobody else while its group or session has members; so once the command's first process was
 * reaped, a process of that very number means that these are gone, and that group and session of the number are others'.
 */
bool tree_number_is_others(const struct command *command) {
  if (command->pid_is_others) return true;
  return !command->running && (kill(command->pid, 0) == 0 || errno == EPERM);
}

/* The living members first in the list; their number. SIZE_MAX: they cannot be found. */
static size_t find(const struct command *command, bool stop, struct processes *found) {
  struct look look = {.command = command, .stop = stop, .left = MOST_ENVIRONMENTS};
  look.number_is_others = command != NULL && tree_number_is_others(command);
  if (command != NULL) snprintf(look.entry, sizeof look.entry, "EPHEMERA_COMMAND=%s", command->id);
  *found = (struct processes){0};
  if (!read_all(found, &look)) {
    free(found->list);
    *found = (struct processes){0};
    return SIZE_MAX;
  }
  spread(found, ours);
  for (size_t index = 0; index < found->count; index++) {
    struct process *process = &found->list[index];
    process->member = process->member && process->ours;
  }
  spread(found, member);
  size_t count = 0;
  for (size_t index = 0; index < found->count; index++) {
    struct process process = found->list[index];
    if (process.member && !process.ended) found->list[count++] = process;
  }
  return count;
}

uint32_t tree_count(const struct command *command) {
  struct processes found;
  size_t count = find(command, false, &found);
  free(found.list);
  return count == SIZE_MAX ? 1 : (uint32_t)count;
}

/* What can be done where there is no memory to look around. */
static uint32_t signal_group(const struct command *command, int number) {
  if (command != NULL && !tree_number_is_others(command)) kill(-command->pid, number);
  return 1;
}

uint32_t tree_signal(const struct command *command, int number) {
  struct processes found;
  size_t count = find(command, false, &found);
  if (count == SIZE_MAX) return signal_group(command, number);
  uint32_t told = 0;
  for (size_t index = 0; index < count; index++) {
    if (kill(found.list[index].pid, number) == 0) told++;
  }
  free(found.list);
  return told;
}

/* How many of the members are met for the first time; they are stopped. */
static size_t stop_new(struct processes *members, size_t count, const struct processes *before, size_t count_before) {
  size_t fresh = 0;
  for (size_t index = 0; index < count; index++) {
    struct process *process = &members->list[index];
    if (count_before > 0 && bsearch(process, before->list, count_before, sizeof *process, by_number) != NULL) continue;
    if (!process->stopped) kill(process->pid, SIGSTOP);
    fresh++;
  }
  return fresh;
}

uint32_t tree_kill(const struct command *command) {
  struct processes before = {0};
  size_t count_before = 0;
  for (int pass = 0; pass < MOST_PASSES; pass++) {
    struct processes found;
    size_t count = find(command, true, &found);
    if (count == SIZE_MAX) {
      free(before.list);
      return signal_group(command, SIGKILL);
    }
    size_t fresh = stop_new(&found, count, &before, count_before);
    free(before.list);
    before = found;
    count_before = count;
    if (fresh == 0) break;
  }
  for (size_t index = 0; index < count_before; index++) kill(before.list[index].pid, SIGKILL);
  free(before.list);
  return (uint32_t)count_before;
}
