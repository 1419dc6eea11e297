/* The environment of a command, out of what the image, the clients and the request give. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* A list of strings with a NULL at its end; the strings are others'. All zeros is an empty one. */
struct strings {
  char **list;
  size_t count;
  size_t capacity;
};

bool strings_add(struct strings *strings, const char *string);
void strings_free(struct strings *strings);
/* `NAME=value`, with a name. */
bool is_entry(const char *string, size_t length);
/* Of entries with the same name only the last one stays. */
bool environment_unite(struct strings *strings);
/* The value of a name, or NULL. */
const char *environment_get(const struct strings *strings, const char *name);

#endif
