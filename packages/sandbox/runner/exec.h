/* The way of a new process from the runner's copy to the program that it is for. */
#ifndef EXEC_H
#define EXEC_H

struct runner;
struct spawn;

enum exec_stage { EXEC_FOLDER = 1, EXEC_PROGRAM = 2 };

struct exec_failure {
  int stage;
  int error;
};

/* Does not return. A failure is written to `report`, which closes where the program runs. */
_Noreturn void exec_command(const struct runner *runner, const struct spawn *spawn, const int files[3], int report);

#endif
