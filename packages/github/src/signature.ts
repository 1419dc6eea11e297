import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `header` (`X-Hub-Signature-256`) is the HMAC of exactly these bytes under one of the secrets.
 * Two secrets are valid while one replaces the other. The bytes are compared before anything is parsed: text that went
 * through a decoder or a JSON printer is no longer what GitHub signed.
 */
export function isSigned(body: Uint8Array, header: string | undefined, secrets: readonly string[]): boolean {
  const given = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  if (given === undefined) return false;
  const signature = Buffer.from(given, 'hex');
  // Every secret is tried, also after a match, so that the time taken says nothing about which one fits.
  return secrets
    .map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature))
    .includes(true);
}
