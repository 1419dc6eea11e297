/* Bytes that grow, and reading numbers and texts out of bytes that others sent. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grows as it is appended to. All zeros is an empty one. */
struct bytes {
  uint8_t *data;
  size_t length;
  size_t capacity;
};

/* False where there is no memory; what was there stays. */
bool bytes_reserve(struct bytes *bytes, size_t more);
bool bytes_append(struct bytes *bytes, const void *data, size_t length);
/* The first ones go, the rest moves to the front. */
void bytes_shift(struct bytes *bytes, size_t length);
void bytes_free(struct bytes *bytes);

void store_u16(uint8_t *at, uint16_t value);
void store_u32(uint8_t *at, uint32_t value);
void store_u64(uint8_t *at, uint64_t value);
uint32_t load_u32(const uint8_t *at);

/* A part of a payload; not ended by a zero. */
struct text {
  const uint8_t *data;
  uint32_t length;
};

/*
 * Reads a payload from its front. What is not there reads as zero and sets `bad`, so that a request is read as a whole
 * and checked once.
 */
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

uint8_t read_u8(struct reader *reader);
uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
struct text read_text(struct reader *reader);
/* Everything that is left. */
struct text read_rest(struct reader *reader);
/* Nothing was missing, and nothing is left. */
bool read_whole(const struct reader *reader);

bool text_has_nul(struct text text);
bool text_is(struct text text, const char *string);

#endif
