#include "environment.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool strings_add(struct strings *strings, const char *string) {
  /* One more for the NULL. */
  if (strings->count + 1 >= strings->capacity) {
    size_t capacity = strings->capacity == 0 ? 64 : strings->capacity * 2;
    char **list = realloc(strings->list, capacity * sizeof *list);
    if (list == NULL) return false;
    strings->list = list;
    strings->capacity = capacity;
  }
  /* Those who start programs want them without `const`, and do not write to them. */
  strings->list[strings->count++] = (char *)(uintptr_t)string;
  strings->list[strings->count] = NULL;
  return true;
}

void strings_free(struct strings *strings) {
  free(strings->list);
  *strings = (struct strings){0};
}

bool is_entry(const char *string, size_t length) {
  const char *equals = memchr(string, '=', length);
  return equals != NULL && equals != string;
}

struct place {
  const char *entry;
  size_t index;
};

static int by_name(const char *left, const char *right) {
  size_t left_length = strcspn(left, "=");
  size_t right_length = strcspn(right, "=");
  int order = memcmp(left, right, left_length < right_length ? left_length : right_length);
  if (order != 0) return order;
  return left_length < right_length ? -1 : left_length > right_length;
}

static int by_name_and_place(const void *left, const void *right) {
  const struct place *a = left;
  const struct place *b = right;
  int order = by_name(a->entry, b->entry);
  if (order != 0) return order;
  return a->index < b->index ? -1 : a->index > b->index;
}

/* Sorted rather than compared each with each: there may be ten thousand. */
bool environment_unite(struct strings *strings) {
  if (strings->count == 0) return true;
  struct place *places = calloc(strings->count, sizeof *places);
  if (places == NULL) return false;
  for (size_t index = 0; index < strings->count; index++) places[index] = (struct place){strings->list[index], index};
  qsort(places, strings->count, sizeof *places, by_name_and_place);
  for (size_t index = 0; index + 1 < strings->count; index++) {
    if (by_name(places[index].entry, places[index + 1].entry) == 0) strings->list[places[index].index] = NULL;
  }
  free(places);
  size_t count = 0;
  for (size_t index = 0; index < strings->count; index++) {
    if (strings->list[index] != NULL) strings->list[count++] = strings->list[index];
  }
  strings->count = count;
  strings->list[count] = NULL;
  return true;
}

const char *environment_get(const struct strings *strings, const char *name) {
  size_t length = strlen(name);
  for (size_t index = 0; index < strings->count; index++) {
    const char *entry = strings->list[index];
    if (strncmp(entry, name, length) == 0 && entry[length] == '=') return entry + length + 1;
  }
  return NULL;
}
