import type { ByteStream, SandboxPlace } from '../../src/host.ts';
import type { SandboxInfo } from '../../src/sandbox-options.ts';

const info: SandboxInfo = {
  id: 'sandbox-0123456789',
  image: 'busybox:1',
  namespace: 'default',
  state: 'running',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
  metadata: {},
};

/** A sandbox that is reached by `open`, and whose host says `verdict` of it. */
export function placeOf(
  open: () => Promise<ByteStream>,
  verdict: () => Error | undefined = () => undefined,
): SandboxPlace {
  return {
    id: info.id,
    info,
    open,
    verdict: () => Promise.resolve(verdict()),
    look: () => Promise.resolve(info),
    extend: () => Promise.resolve(info),
    remove: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
}
