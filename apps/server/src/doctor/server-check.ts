import { messageOf } from '@ephemera/model';
import type { Verdict } from './check.ts';

/** A server at this address, and whether it is ready. */
export async function checkServer(url: string, signal: AbortSignal): Promise<Verdict> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}/health/ready`, { signal, redirect: 'manual' });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      ok: null,
      detail: `no server answers at ${url}: ${messageOf(cause)}`,
      hint: 'Start it (npx ephemera up), or set EPHEMERA_URL to where it runs.',
    };
  }
  const checks = checksOf(text);
  if (!checks) {
    return {
      ok: false,
      detail: `what answers at ${url} (${response.status}) is no Ephemera`,
      hint: 'Set EPHEMERA_URL to where the server runs, or PORT to one that is free.',
    };
  }
  if (response.status === 200) return { ok: true, detail: `the server at ${url} is ready` };
  const broken = Object.entries(checks).filter(([, answer]) => answer !== 'ok');
  return {
    ok: false,
    detail: `the server at ${url} is not ready: ${broken.map(([name, answer]) => `${name}: ${answer}`).join('; ')}`,
    hint: 'It recovers by itself when that works again; its log says more.',
  };
}

function checksOf(text: string): Record<string, string> | undefined {
  try {
    const { checks } = JSON.parse(text) as { checks?: Record<string, string> };
    return typeof checks === 'object' ? checks : undefined;
  } catch {
    return undefined;
  }
}
