/** The version of PROTOCOL.md that both sides have to speak. */
export const PROTOCOL_VERSION = 1;

/** Length, type, channel. */
export const HEADER_BYTES = 9;

/** Of the payload of one frame to the runner. */
export const MOST_TO_RUNNER = 4 * 1024 * 1024;

/** Of the payload of one frame from the runner: 64 KiB of data, and room for the longest path with the longest target of a link. */
export const MOST_FROM_RUNNER = 128 * 1024;

/** How much data one frame carries, both ways. */
export const DATA_BYTES = 64 * 1024;
