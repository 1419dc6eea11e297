import { randomBytes } from 'node:crypto';
import { SignJWT, type JWK } from 'jose';
import { Refusal } from '../refusal.ts';
import { userNamed } from '../world.ts';
import { algorithm, createSigningKeys } from './keys.ts';
import { claimsOf, type WorkflowRun } from './claims.ts';
import type { Json } from '../openapi/description.ts';
import type { Repository, World } from '../state.ts';
import type { WorkflowRunInput } from './input.ts';

/** Where the issuer is below the fake's address. GitHub's has a host of its own. */
export const issuerPath = '/oidc';

/** What a job finds in its environment: `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
export interface WorkflowRunView {
  readonly id: number;
  /** A client appends `&audience=…`. */
  readonly request_url: string;
  readonly request_token: string;
}

export interface Issuer {
  readonly url: () => string;
  readonly configuration: () => Json;
  readonly published: () => Promise<readonly JWK[]>;
  readonly rotate: (options: { readonly forget: boolean }) => Promise<void>;
  readonly start: (repository: Repository, input: WorkflowRunInput) => WorkflowRunView;
  /** A token of the run, for whoever brings its request token. Throws a refusal of 401 or 404. */
  readonly issue: (runId: number, asked: Asked) => Promise<string>;
}

interface Asked {
  readonly authorization: string | undefined;
  readonly audience: string | undefined;
}

/** As long as GitHub's tokens are good. */
const usualLifetimeSeconds = 300;

export function createIssuer(world: World): Issuer {
  const keys = createSigningKeys();
  const runs = new Map<number, WorkflowRun>();
  const url = () => `${world.origin()}${issuerPath}`;
  return {
    url,
    configuration: () => ({
      issuer: url(),
      jwks_uri: `${url()}/.well-known/jwks`,
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      id_token_signing_alg_values_supported: [algorithm],
      scopes_supported: ['openid'],
    }),
    published: keys.published,
    rotate: keys.rotate,
    start: (repository, { event, actor, ref, claims, lifetimeSeconds }) => {
      const id = world.nextId();
      const requestToken = randomBytes(32).toString('hex');
      runs.set(id, {
        id,
        number: runs.size + 1,
        repository,
        event: event ?? 'push',
        actor: actor === undefined ? repository.owner : userNamed(world, actor),
        ref: ref ?? `refs/heads/${repository.defaultBranch}`,
        requestToken,
        lifetimeSeconds: lifetimeSeconds ?? usualLifetimeSeconds,
        claims: claims ?? {},
      });
      // The query is there already at GitHub too: clients append to it.
      return { id, request_url: `${url()}/runs/${id}/idtoken?api-version=2.0`, request_token: requestToken };
    },
    issue: async (runId, { authorization, audience }) => {
      const run = runs.get(runId);
      if (run === undefined) throw new Refusal(404, 'There is no such run');
      if (/^bearer +(\S+)$/i.exec(authorization ?? '')?.[1] !== run.requestToken) {
        throw new Refusal(401, 'The request token is not the one of this run');
      }
      const { kid, privateKey } = await keys.current();
      const claims = claimsOf(run, { issuer: url(), audience, now: world.now() });
      return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: algorithm, kid }).sign(privateKey);
    },
  };
}
