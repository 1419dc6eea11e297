const LONGEST = 80;

/** A text from outside, for a message: in quotes, cut, with what could confuse a terminal written as an escape. */
export function quoted(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(cut).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same for what is mostly a plain word: in quotes only where it is not. */
export function word(text: string): string {
  return /^[\w.-]{1,80}$/.test(text) ? text : quoted(text);
}
