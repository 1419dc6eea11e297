import { createHash, randomBytes } from 'node:crypto';

/** `eph_`, so that people and secret scanners know it again, and 256 random bits. */
const form = /^eph_[\w-]{43}$/;
const prefixLength = 10;

/** A new token's text: shown once, stored nowhere. */
export function newTokenText(): string {
  return `eph_${randomBytes(32).toString('base64url')}`;
}

export function looksLikeToken(text: string): boolean {
  return form.test(text);
}

/**
 * All that is stored of it. One round of SHA-256 is enough: nobody guesses 256 random bits, so there is nothing to slow down, and a slow
 * hash would let anybody keep the server busy.
 */
export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** By which a person knows a token again; it leaves 220 bits unknown. */
export function prefixOf(text: string): string {
  return text.slice(0, prefixLength);
}
