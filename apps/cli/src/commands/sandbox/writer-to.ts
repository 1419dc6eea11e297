/** Hands bytes on as they are, and lets the sender wait while the reader is behind. A reader that is gone is told by the process. */
export function writerTo(stream: NodeJS.WritableStream): (bytes: Uint8Array) => Promise<void> | undefined {
  return (bytes) => {
    if (stream.write(bytes)) return undefined;
    return new Promise((resolve) => stream.once('drain', resolve));
  };
}
