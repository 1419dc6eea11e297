interface Waiting {
  readonly most: number;
  readonly resolve: (bytes: number) => void;
  readonly reject: (error: unknown) => void;
}

/** What the other side has allowed to be sent. Who finds nothing waits, in order. */
export class Credit {
  #left = 0;
  #waiting: Waiting[] = [];
  #closed: { readonly error: unknown } | undefined;

  add(bytes: number): void {
    this.#left += bytes;
    while (this.#left > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.resolve(this.#spend(next.most));
    }
  }

  /** At least 1 byte and at most `most`, once there is any. Throws after `close`. */
  async take(most: number): Promise<number> {
    if (this.#closed !== undefined) throw this.#closed.error;
    if (this.#left > 0 && this.#waiting.length === 0) return this.#spend(most);
    return new Promise((resolve, reject) => this.#waiting.push({ most, resolve, reject }));
  }

  close(error: unknown): void {
    this.#closed ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #spend(most: number): number {
    const spent = Math.min(most, this.#left);
    this.#left -= spent;
    return spent;
  }
}
