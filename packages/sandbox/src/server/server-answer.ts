import type { EphemeraError } from '@ephemera/model';
import type { SandboxInfo } from '../sandbox-options.ts';
import { isRecord, refusalOf } from './refusal.ts';

/** A sandbox as a server tells it. */
export interface ToldSandbox {
  readonly info: SandboxInfo;
  /** Why it can no longer be reached. */
  readonly ended: EphemeraError | undefined;
}

/** Undefined: it is no sandbox as this version knows it. Pure. */
export function toldSandbox(body: unknown): ToldSandbox | undefined {
  if (!isRecord(body)) return undefined;
  const { id, image, namespace, state, created_at: createdAt, expires_at: expiresAt, metadata } = body;
  const texts = [id, image, namespace, createdAt, expiresAt];
  if (!texts.every((one) => typeof one === 'string') || !isState(state)) return undefined;
  return {
    info: {
      id: String(id),
      image: String(image),
      namespace: String(namespace),
      state,
      createdAt: String(createdAt),
      expiresAt: String(expiresAt),
      metadata: textsOf(metadata),
      ...(typeof body['name'] === 'string' ? { name: body['name'] } : {}),
      ...(typeof body['reason'] === 'string' ? { reason: body['reason'] } : {}),
      ...(typeof body['idle_timeout_ms'] === 'number' ? { idleTimeoutMs: body['idle_timeout_ms'] } : {}),
    },
    ended: refusalOf(body['ended']),
  };
}

function isState(state: unknown): state is SandboxInfo['state'] {
  return state === 'starting' || state === 'running' || state === 'ended';
}

function textsOf(values: unknown): Readonly<Record<string, string>> {
  if (!isRecord(values)) return {};
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
