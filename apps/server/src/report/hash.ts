import { createHash } from 'node:crypto';

/** By this it is known later whether something has changed since it was written. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
