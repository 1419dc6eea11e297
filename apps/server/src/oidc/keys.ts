import { createLocalJWKSet, errors, type CompactVerifyGetKey, type JSONWebKeySet } from 'jose';
import { messageOf } from '@ephemera/model';
import { OidcKeysUnavailable, OidcKeyUnknown } from './errors.ts';

export interface KeysOptions {
  /** Without a slash at its end. */
  readonly issuer: string;
  /** For the whole answer of the issuer. Default 5,000. */
  readonly timeoutMs?: number;
  /** In milliseconds, never backwards. Default: this process's. */
  readonly now?: () => number;
  /** Told of each failure, which are some seconds apart at least. */
  readonly onFailure?: (error: OidcFailure) => void;
}

type Keys = ReturnType<typeof createLocalJWKSet>;

/** Keys of this age are asked for again beside the requests, which go on with those that are there. */
const refreshMs = 10 * 60_000;
/** Keys of this age are used no more: one that the issuer withdrew has to end some time, whether the issuer can be reached or not. */
const mostAgeMs = 3_600_000;
/** A key that nobody knows makes us ask again at most so often. */
const unknownMs = 30_000;
/** After a failure the issuer is left alone for so long. */
const afterFailureMs = 5_000;
const defaultTimeoutMs = 5_000;
/** GitHub's have some 10 KB. */
const mostBytes = 256 * 1024;

/**
 * The keys that the issuer publishes at `/.well-known/jwks`, for `compactVerify`. Throws `oidc.key_unknown` or `oidc.keys_unavailable`.
 * Whatever tokens come, the issuer is asked by one request at a time, and at most every few seconds.
 *
 * jose's own `createRemoteJWKSet` asks a failing issuer again for every token, reads an answer of any size, and forgets good keys as soon
 * as the next answer fails to come.
 */
export function createIssuerKeys(options: KeysOptions): CompactVerifyGetKey {
  const { issuer, timeoutMs = defaultTimeoutMs, now = () => performance.now(), onFailure } = options;
  let known: { readonly keys: Keys; readonly at: number } | undefined;
  let failure: { readonly error: OidcFailure; readonly at: number } | undefined;
  let running: Promise<Keys> | undefined;

  const ask = async (): Promise<Keys> => {
    try {
      const keys = createLocalJWKSet(await fetchKeys(issuer, AbortSignal.timeout(timeoutMs)));
      known = { keys, at: now() };
      failure = undefined;
      return keys;
    } catch (thrown) {
      const error = unusable(issuer, thrown);
      failure = { error, at: now() };
      onFailure?.(error);
      throw error;
    } finally {
      running = undefined;
    }
  };
  const asked = async (): Promise<Keys> => {
    if (failure && now() - failure.at < afterFailureMs) throw failure.error;
    return (running ??= ask());
  };
  const ageMs = () => (known ? now() - known.at : Infinity);
  const current = async (): Promise<Keys> => {
    if (!known || ageMs() >= mostAgeMs) return asked();
    if (ageMs() >= refreshMs) asked().catch(() => {});
    return known.keys;
  };

  return async (header, token) => {
    const keys = await current();
    try {
      return await keys(header, token);
    } catch (thrown) {
      if (!isUnknown(thrown)) throw unusable(issuer, thrown);
      if (ageMs() < unknownMs) throw new OidcKeyUnknown({});
    }
    const renewed = await asked();
    return renewed(header, token).catch((thrown: unknown) => {
      throw isUnknown(thrown) ? new OidcKeyUnknown({}) : unusable(issuer, thrown);
    });
  };
}

type OidcFailure = InstanceType<typeof OidcKeysUnavailable>;

const isUnknown = (thrown: unknown) => thrown instanceof errors.JWKSNoMatchingKey;

/**
 * How many keys an issuer publishes, asked just so as for `createIssuerKeys`, which looks nowhere else: no configuration can lead it astray.
 * Throws `oidc.keys_unavailable`, or what `signal` aborts with.
 */
export async function countIssuerKeys(issuer: string, signal: AbortSignal): Promise<number> {
  try {
    const found = await fetchKeys(issuer, AbortSignal.any([signal, AbortSignal.timeout(defaultTimeoutMs)]));
    return createLocalJWKSet(found).jwks().keys.length;
  } catch (thrown) {
    signal.throwIfAborted();
    throw unusable(issuer, thrown);
  }
}

/** Also where the issuer publishes the key twice, or not as a key. */
function unusable(issuer: string, thrown: unknown): OidcFailure {
  return new OidcKeysUnavailable({ issuer, problem: reasonOf(thrown) }, { cause: thrown });
}

/** A redirect is an error: it could lead to whoever wants to be believed. */
async function fetchKeys(issuer: string, signal: AbortSignal): Promise<JSONWebKeySet> {
  const answer = await fetch(`${issuer}/.well-known/jwks`, {
    headers: { accept: 'application/json', 'user-agent': 'ephemera' },
    redirect: 'error',
    signal,
  });
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Error(`it answered ${answer.status}`);
  }
  return JSON.parse(await limitedText(answer)) as JSONWebKeySet;
}

async function limitedText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes / 1024} KiB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof SyntaxError) return 'its answer is not JSON';
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return 'it took too long';
  // `fetch` says only that it failed; why is its cause's to say.
  return messageOf(thrown instanceof TypeError && thrown.cause instanceof Error ? thrown.cause : thrown);
}
