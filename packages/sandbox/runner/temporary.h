/* Names that nothing has yet, for what gets its own name once it is whole. */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include <stdbool.h>

#define TEMPORARY_NAME 40

bool temporary_name(char name[TEMPORARY_NAME]);

#endif
