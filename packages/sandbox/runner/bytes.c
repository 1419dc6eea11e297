#include "bytes.h"

#include <stdlib.h>
#include <string.h>

bool bytes_reserve(struct bytes *bytes, size_t more) {
  if (more <= bytes->capacity - bytes->length) return true;
  if (more > SIZE_MAX / 4 - bytes->length) return false;
  size_t wanted = bytes->length + more;
  size_t capacity = bytes->capacity < 256 ? 256 : bytes->capacity;
  while (capacity < wanted) capacity += capacity / 2;
  uint8_t *data = realloc(bytes->data, capacity);
  if (data == NULL) return false;
  bytes->data = data;
  bytes->capacity = capacity;
  return true;
}

bool bytes_append(struct bytes *bytes, const void *data, size_t length) {
  if (length == 0) return true;
  if (!bytes_reserve(bytes, length)) return false;
  memcpy(bytes->data + bytes->length, data, length);
  bytes->length += length;
  return true;
}

void bytes_shift(struct bytes *bytes, size_t length) {
  bytes->length -= length;
  if (bytes->length > 0) memmove(bytes->data, bytes->data + length, bytes->length);
}

void bytes_free(struct bytes *bytes) {
  free(bytes->data);
  *bytes = (struct bytes){0};
}

void store_u16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

void store_u32(uint8_t *at, uint32_t value) {
  store_u16(at, (uint16_t)(value >> 16));
  store_u16(at + 2, (uint16_t)value);
}

void store_u64(uint8_t *at, uint64_t value) {
  store_u32(at, (uint32_t)(value >> 32));
  store_u32(at + 4, (uint32_t)value);
}

uint32_t load_u32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

/* The next bytes, or NULL with `bad` set. */
static const uint8_t *take(struct reader *reader, size_t length) {
  if (reader->bad || (size_t)(reader->end - reader->at) < length) {
    reader->bad = true;
    return NULL;
  }
  const uint8_t *taken = reader->at;
  reader->at += length;
  return taken;
}

uint8_t read_u8(struct reader *reader) {
  const uint8_t *at = take(reader, 1);
  return at == NULL ? 0 : at[0];
}

uint16_t read_u16(struct reader *reader) {
  const uint8_t *at = take(reader, 2);
  if (at == NULL) return 0;
  return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t read_u32(struct reader *reader) {
  const uint8_t *at = take(reader, 4);
  return at == NULL ? 0 : load_u32(at);
}

uint64_t read_u64(struct reader *reader) {
  const uint8_t *at = take(reader, 8);
  return at == NULL ? 0 : (uint64_t)load_u32(at) << 32 | load_u32(at + 4);
}

struct text read_text(struct reader *reader) {
  uint32_t length = read_u32(reader);
  const uint8_t *data = take(reader, length);
  return (struct text){data, data == NULL ? 0 : length};
}

struct text read_rest(struct reader *reader) {
  if (reader->bad) return (struct text){reader->at, 0};
  struct text rest = {reader->at, (uint32_t)(reader->end - reader->at)};
  reader->at = reader->end;
  return rest;
}

bool read_whole(const struct reader *reader) { return !reader->bad && reader->at == reader->end; }

bool text_has_nul(struct text text) { return text.length > 0 && memchr(text.data, 0, text.length) != NULL; }

bool text_is(struct text text, const char *string) {
  return text.length == strlen(string) && (text.length == 0 || memcmp(text.data, string, text.length) == 0);
}
