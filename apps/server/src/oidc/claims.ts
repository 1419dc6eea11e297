import { z } from 'zod';
import { OidcAudience, OidcClaimMissing, OidcExpired, OidcIssuer, OidcNotYetValid, OidcTooOld } from './errors.ts';

/** Whose workflow sends a token, as far as its checked claims say. */
export interface WorkflowRun {
  readonly repository: { readonly id: number; readonly fullName: string };
  readonly ownerId: number;
  readonly runId: number;
  /** For example `push`; for people only. Undefined: not told as GitHub does. */
  readonly event: string | undefined;
  /** Login of whoever set the run going; for people only. Undefined: not told as GitHub does. */
  readonly actor: string | undefined;
  /** Of this token alone. */
  readonly jti: string;
  /** When it is refused at the latest, by this server's clock. */
  readonly expiresAt: Date;
}

export interface Expected {
  /** Without a slash at its end. */
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

/** How far the clocks of GitHub and of this server may be apart. */
const skewSeconds = 60;
/** GitHub's tokens live for five minutes; an issuer that says more is not believed. */
const mostAgeMinutes = 15;

/** GitHub's ids, which it writes as text here. */
const id = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);
const seconds = z.int().min(0);
const forPeople = (form: RegExp) => z.string().regex(form).optional().catch(undefined);

/**
 * Who it is, is in the ids alone: names change hands. `sub` is never read, as every organisation may give it another form. `event_name`
 * decides nothing either: a fork's `pull_request` run gets no token from GitHub, and nothing in a token tells a fork.
 */
const schema = z.object({
  jti: z.string().regex(/^[!-~]{1,200}$/),
  iat: seconds,
  nbf: seconds.optional(),
  exp: seconds,
  repository: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
  repository_id: id,
  repository_owner_id: id,
  run_id: id,
  // They decide nothing, so another form of theirs refuses nobody; it is only not repeated.
  event_name: forPeople(/^[a-z_]{1,64}$/),
  actor: forPeople(/^[\w-]{1,100}(\[bot\])?$/),
});

/**
 * Holds claims whose signature is good against what they have to be. Throws `oidc.issuer`, `oidc.audience`, `oidc.claim_missing`,
 * `oidc.expired`, `oidc.not_yet_valid` or `oidc.too_old`. Pure.
 */
export function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  { issuer, audience, now }: Expected,
): WorkflowRun {
  if (claims['iss'] !== issuer) throw new OidcIssuer({ issuer });
  // Whoever else a token is for could bring it here in the workflow's place, so it is for us alone.
  const audiences = [claims['aud']].flat();
  if (audiences.length !== 1 || audiences[0] !== audience) throw new OidcAudience({ audience });
  const parsed = schema.safeParse(claims);
  if (!parsed.success) throw new OidcClaimMissing({ claim: String(parsed.error.issues[0]?.path[0]) });
  const { iat, nbf = iat, exp, ...told } = parsed.data;
  const second = now.getTime() / 1000;
  if (exp + skewSeconds <= second) throw new OidcExpired({});
  if (Math.max(iat, nbf) - skewSeconds > second) throw new OidcNotYetValid({});
  const eldest = iat + mostAgeMinutes * 60 + skewSeconds;
  if (eldest < second) throw new OidcTooOld({ minutes: mostAgeMinutes });
  return {
    repository: { id: told.repository_id, fullName: told.repository },
    ownerId: told.repository_owner_id,
    runId: told.run_id,
    event: told.event_name,
    actor: told.actor,
    jti: told.jti,
    expiresAt: new Date(Math.min(exp + skewSeconds, eldest) * 1000),
  };
}
