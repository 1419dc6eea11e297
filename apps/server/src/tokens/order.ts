import { TokenInvalid } from './errors.ts';
import { isScope, scopes, type Scope } from './scope.ts';

/** A token as somebody wants it. */
export interface TokenOrder {
  readonly name: string;
  readonly scopes: readonly string[];
  /** `owner/name`, in any case. Default: all repositories. */
  readonly repositories?: readonly string[] | undefined;
  /** Default: all namespaces. */
  readonly namespaces?: readonly string[] | undefined;
  /** Images that its pull-request jobs may run, `*` standing for any text. Default: whatever the server allows. */
  readonly images?: readonly string[] | undefined;
  /** Default: never. */
  readonly expiresAt?: Date | undefined;
}

export interface CheckedOrder {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly repositories: readonly string[] | null;
  readonly namespaces: readonly string[] | null;
  readonly images: readonly string[] | null;
  readonly expiresAt: Date | null;
}

const nameForm = /^[a-z\d][\w.-]{0,63}$/i;
const repositoryForm = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;
const namespaceForm = /^[a-z\d]([-a-z\d]{0,61}[a-z\d])?$/;
const imageForm = /^[\w.:/@*-]{1,512}$/;

/** Throws `token.invalid` with what is wrong. Pure. */
export function checkOrder(order: TokenOrder): CheckedOrder {
  if (!nameForm.test(order.name)) {
    throw new TokenInvalid({
      problem: `${JSON.stringify(order.name)} is no name for it`,
      hint: 'A name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit.',
    });
  }
  return {
    name: order.name,
    scopes: scopesOf(order.scopes),
    repositories: narrowedTo(order.repositories, repositoryForm, 'is no repository, which is OWNER/NAME'),
    namespaces: narrowedTo(order.namespaces, namespaceForm, 'is no name of a namespace'),
    images: imagesOf(order.images),
    expiresAt: order.expiresAt ?? null,
  };
}

function scopesOf(asked: readonly string[]): Scope[] {
  const hint = `The scopes are ${scopes.join(', ')}.`;
  const unknown = asked.find((scope) => !isScope(scope));
  if (unknown !== undefined) throw new TokenInvalid({ problem: `there is no scope ${JSON.stringify(unknown)}`, hint });
  if (asked.length === 0) throw new TokenInvalid({ problem: 'it has no scope', hint });
  return [...new Set(asked.filter(isScope))];
}

/** An empty list narrows to nothing, which nobody means: it counts as none given. */
function narrowedTo(given: readonly string[] = [], form: RegExp, problem: string): string[] | null {
  const wrong = given.find((name) => !form.test(name));
  if (wrong !== undefined) {
    throw new TokenInvalid({
      problem: `${JSON.stringify(wrong)} ${problem}`,
      hint: 'For example --repository acme/shop or --namespace ci-jobs; each may be given several times.',
    });
  }
  return given.length === 0 ? null : [...new Set(given.map((name) => name.toLowerCase()))];
}

/** As they are: tags tell capitals from small letters. */
function imagesOf(given: readonly string[] = []): string[] | null {
  const wrong = given.find((pattern) => !imageForm.test(pattern));
  if (wrong !== undefined) {
    throw new TokenInvalid({
      problem: `${JSON.stringify(wrong)} is no image`,
      hint: 'For example --image docker:24-dind or --image "ghcr.io/acme/*"; it may be given several times.',
    });
  }
  return given.length === 0 ? null : [...new Set(given)];
}

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const longestMs = 3_660 * 86_400_000;

/** When something that lives for `text`, such as `90d`, ends. Minutes, hours, days and weeks; ten years at most. Throws `token.invalid`. Pure. */
export function expiryAfter(text: string, now: Date): Date {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,7})([mhdw])$/.exec(text) ?? [];
  const ms = Number(amount) * (unitMs[unit] ?? Number.NaN);
  if (!(ms > 0 && ms <= longestMs)) {
    throw new TokenInvalid({
      problem: `${JSON.stringify(text)} is no time that it could live for`,
      hint: 'For example 45m, 12h, 90d or 8w; ten years at most.',
    });
  }
  return new Date(now.getTime() + ms);
}
