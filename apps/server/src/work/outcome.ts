/** How a run of work went. Failing is neither: that is a thrown error. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number; readonly because: string };

export function done(): Outcome {
  return { kind: 'done' };
}

/** Look again later, although nothing is wrong: the world needs time. */
export function again(when: { readonly afterMs: number; readonly because: string }): Outcome {
  return { kind: 'again', ...when };
}
