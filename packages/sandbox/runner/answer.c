/* Writing of answers into a client's queue. */
#include "client.h"

#include <string.h>

static void append(struct client *client, const void *data, size_t length) {
  if (client->broken) return;
  if (!bytes_append(&client->out, data, length)) client->broken = true;
}

void answer_begin(struct client *client, enum answer type, uint32_t channel) {
  uint8_t header[FRAME_HEADER] = {0};
  header[4] = (uint8_t)type;
  store_u32(header + 5, channel);
  client->frame_at = client->out.length;
  append(client, header, sizeof header);
}

void answer_u8(struct client *client, uint8_t value) { append(client, &value, 1); }

void answer_u16(struct client *client, uint16_t value) {
  uint8_t bytes[2];
  store_u16(bytes, value);
  append(client, bytes, sizeof bytes);
}

void answer_u32(struct client *client, uint32_t value) {
  uint8_t bytes[4];
  store_u32(bytes, value);
  append(client, bytes, sizeof bytes);
}

void answer_u64(struct client *client, uint64_t value) {
  uint8_t bytes[8];
  store_u64(bytes, value);
  append(client, bytes, sizeof bytes);
}

void answer_data(struct client *client, const void *data, size_t length) { append(client, data, length); }

void answer_text(struct client *client, const char *text) {
  size_t length = strlen(text);
  answer_u32(client, (uint32_t)length);
  answer_data(client, text, length);
}

uint32_t answer_end(struct client *client) {
  if (client->broken) return 0;
  uint32_t length = (uint32_t)(client->out.length - client->frame_at - FRAME_HEADER);
  store_u32(client->out.data + client->frame_at, length);
  return length;
}

void answer_empty(struct client *client, enum answer type, uint32_t channel) {
  answer_begin(client, type, channel);
  answer_end(client);
}

void answer_done(struct client *client, uint32_t channel, uint32_t count) {
  answer_begin(client, ANSWER_DONE, channel);
  answer_u32(client, count);
  answer_end(client);
  answer_empty(client, ANSWER_END, channel);
}

void answer_error(struct client *client, uint32_t channel, enum problem problem, int error, const char *message) {
  answer_begin(client, ANSWER_ERROR, channel);
  answer_u16(client, (uint16_t)problem);
  answer_u32(client, (uint32_t)error);
  answer_text(client, message);
  answer_end(client);
}
