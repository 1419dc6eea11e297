import { StackInputUnreadable } from '../errors.ts';

/**
 * The text behind a value that is base64 or plain YAML or JSON. Told apart by the letters: a stack input in YAML or JSON has a colon,
 * which base64 never has. White space is dropped first, since `base64` on Linux breaks its lines; both alphabets are taken, and padding
 * may be missing. Throws `StackInputUnreadable`.
 */
export function decodeText(source: string, value: string): string {
  const letters = value.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(letters)) return value;
  const bare = letters.replace(/=+$/, '');
  if (bare.length % 4 === 1) {
    throw new StackInputUnreadable({
      source,
      problem: 'is cut off: base64 never has this length',
      fix: 'Encode the whole text again.',
    });
  }
  return utf8(source, Buffer.from(bare, 'base64url'));
}

/** Strict: bytes that are not UTF-8 are an error, not question marks. */
export function utf8(source: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StackInputUnreadable(
      { source, problem: 'is not text in UTF-8', fix: 'Save or encode it as UTF-8.' },
      { cause },
    );
  }
}
