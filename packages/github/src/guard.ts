import type { EphemeraError } from '@ephemera/model';

/** Who watches over the calls of each installation: asked before each of them, and told when GitHub wants to be left alone. */
export interface Guard {
  /** Awaited before every request; a throw stops it. `what` completes the sentence "while …". */
  beforeCall(installationId: number, what: string): Promise<void>;
  /** Awaited after `beforeCall` before every request that creates or changes something; a throw stops it. */
  beforeWrite(installationId: number, what: string): Promise<void>;
  /** Awaited when GitHub answered with a limit; `error.details.retryAfterMs` says how long it wants to be left alone. */
  limited(installationId: number, error: EphemeraError): Promise<void>;
}

export const noGuard: Guard = {
  beforeCall: async () => {},
  beforeWrite: async () => {},
  limited: async () => {},
};
