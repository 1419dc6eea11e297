import type { Settings } from '../settings.ts';
import type { Verdict } from './check.ts';

type OidcChecked = Pick<
  Settings,
  'OIDC_AUDIENCE' | 'OIDC_ISSUER' | 'OIDC_REPOSITORY_IDS' | 'OIDC_OWNER_IDS' | 'github'
>;

/** Whether tokens of GitHub Actions can be verified here: who signs them, with keys that can be had. */
export async function checkOidc(settings: OidcChecked, signal: AbortSignal): Promise<Verdict> {
  const { OIDC_AUDIENCE: audience, OIDC_ISSUER: issuer } = settings;
  if (audience === undefined)
    return { ok: true, detail: 'OIDC_AUDIENCE is not set: tokens of GitHub Actions are not accepted' };
  let keys: number;
  try {
    keys = await countKeys(issuer, signal);
  } catch (error) {
    signal.throwIfAborted();
    return {
      ok: false,
      detail: `the keys of ${issuer} cannot be had: ${reasonOf(error)}`,
      hint: 'Without them tokens of GitHub Actions are answered with 503. Let this machine reach OIDC_ISSUER.',
    };
  }
  const detail = `tokens of ${issuer} for ${audience} are accepted; it has ${keys} keys`;
  if (settings.github || settings.OIDC_REPOSITORY_IDS || settings.OIDC_OWNER_IDS) return { ok: true, detail };
  return {
    ok: null,
    detail: `${detail}; but no repository may ask`,
    hint: 'Set OIDC_REPOSITORY_IDS or OIDC_OWNER_IDS, or install the GitHub App on those repositories.',
  };
}

async function countKeys(issuer: string, signal: AbortSignal): Promise<number> {
  const { jwks_uri: address } = await readJson<{ jwks_uri?: unknown }>(
    `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
    signal,
  );
  if (typeof address !== 'string' || !URL.canParse(address)) throw new Error('its configuration names no jwks_uri');
  const { keys } = await readJson<{ keys?: unknown }>(address, signal);
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('there are no keys at its jwks_uri');
  return keys.length;
}

async function readJson<Answer>(url: string, signal: AbortSignal): Promise<Partial<Answer>> {
  const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${new URL(url).pathname} answers ${response.status}`);
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null) throw new Error(`${new URL(url).pathname} is no JSON object`);
  return answer;
}

/** Of `fetch failed` only the cause says something. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
