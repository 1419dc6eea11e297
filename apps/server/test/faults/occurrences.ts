/** When a rule applies, among everything that it matches; and what it then decides. */
export interface Occurrence<Call, Fate> {
  /** Only this occurrence of what matches, from 1. */
  readonly nth?: number;
  /** Only the first so many occurrences of what matches. */
  readonly times?: number;
  /** A function gets the number of the occurrence, from 1; when it returns nothing, the next rule is asked. */
  readonly fate: Fate | ((call: Call, occurrence: number) => Fate | undefined);
}

/** A rule in force. Disposing takes it back. */
export interface ActiveRule<Call> extends Disposable {
  /** How much it has decided about. */
  readonly hits: () => number;
  /** Resolves with the first call that it decides about, when it was done to that call what the rule says. */
  readonly reached: Promise<Call>;
  /** Resolves when the other side has answered such a call for the first time: its effect is there. */
  readonly answered: Promise<Call>;
}

export interface Decision<Fate> {
  readonly fate: Fate;
  /** To be called when the fate has been done to the call. */
  readonly reached: () => void;
  /** To be called when the other side has answered. */
  readonly answered: () => void;
}

interface Entry<Call, Rule> {
  readonly rule: Rule;
  readonly reached: PromiseWithResolvers<Call>;
  readonly answered: PromiseWithResolvers<Call>;
  occurrences: number;
  hits: number;
}

/** The rules of one proxy, asked in the order in which they were set; what no rule wants is forwarded. */
export class Rules<Call, Fate extends string | object, Rule extends Occurrence<Call, Fate>> {
  readonly #matches: (rule: Rule, call: Call) => boolean;
  #entries: Entry<Call, Rule>[] = [];

  constructor(matches: (rule: Rule, call: Call) => boolean) {
    this.#matches = matches;
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  add(rule: Rule): ActiveRule<Call> {
    const entry: Entry<Call, Rule> = {
      rule,
      reached: Promise.withResolvers<Call>(),
      answered: Promise.withResolvers<Call>(),
      occurrences: 0,
      hits: 0,
    };
    this.#entries.push(entry);
    return {
      hits: () => entry.hits,
      reached: entry.reached.promise,
      answered: entry.answered.promise,
      [Symbol.dispose]: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  clear(): void {
    this.#entries = [];
  }

  decide(call: Call): Decision<Fate | 'forward'> {
    for (const entry of this.#entries) {
      const { rule } = entry;
      if (!this.#matches(rule, call)) continue;
      entry.occurrences += 1;
      const { occurrences } = entry;
      if (rule.nth !== undefined && occurrences !== rule.nth) continue;
      if (rule.times !== undefined && occurrences > rule.times) continue;
      const fate = typeof rule.fate === 'function' ? rule.fate(call, occurrences) : rule.fate;
      if (fate === undefined) continue;
      entry.hits += 1;
      return { fate, reached: () => entry.reached.resolve(call), answered: () => entry.answered.resolve(call) };
    }
    return { fate: 'forward', reached: () => {}, answered: () => {} };
  }
}
