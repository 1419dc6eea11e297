import type { EphemeraError } from '@ephemera/model';
import * as errors from './errors.ts';

/** The parts of a Kubernetes `Status` answer that decide what went wrong. */
export interface StatusAnswer {
  readonly message?: string;
  readonly reason?: string;
  /** Names the object that an answer is about. */
  readonly details?: { readonly name?: string; readonly kind?: string } | null;
}

/** One HTTP answer that is no success → one typed error. Pure; the only place that looks at messages. */
export function statusError(
  request: { what: string; server: string; saidBy: 'api server' | 'somebody' },
  httpStatus: number,
  answer: StatusAnswer,
  retryAfterMs: number | undefined,
): EphemeraError {
  const { what, server, saidBy } = request;
  const reason = answer.message ?? answer.reason ?? `HTTP ${httpStatus}`;
  // A rule of admission chooses its status itself: 422 by default for policies, 400 for some webhooks.
  if (httpStatus >= 400 && httpStatus < 500 && deniedByAdmission.test(reason)) {
    return new errors.AdmissionDenied({ what, reason });
  }
  switch (httpStatus) {
    case 401:
      return new errors.Unauthenticated({ server });
    case 403:
      return refusal(what, reason);
    case 404:
      // Only the API server's own word about one object counts as absence.
      if (answer.reason === 'NotFound' && answer.details?.name !== undefined) return new errors.NotFound({ what });
      // It has no such API: nothing is known about the object. Whoever says so has to be the API server, though: a proxy that has
      // lost its way answers 404 too, and finds it again.
      return answer.reason === 'NotFound' || saidBy === 'api server'
        ? new errors.UnknownKind({ what, reason })
        : new errors.Unavailable({ what, status: httpStatus, reason });
    case 409:
      if (answer.reason === 'AlreadyExists') return new errors.AlreadyExists({ what });
      return new errors.Conflict({ what, reason });
    case 410:
      return new errors.Gone({ what });
    case 429:
      return new errors.Throttled({ what, retryAfterMs: retryAfterMs ?? 1000 });
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return new errors.Invalid({ what, reason });
    default:
      return new errors.Unavailable({
        what,
        status: httpStatus,
        reason,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
  }
}

/*
 * Authorisation, quota and admission all answer 403; only the sentence tells them apart. The sentences are the API server's own
 * (`exceeded quota: …`, `maximum cpu usage per Container is …`, `admission webhook "…" denied the request: …`, `violates PodSecurity …`,
 * `ValidatingAdmissionPolicy '…' with binding '…' denied request: …`).
 */
const beyondQuota = /exceeded quota|maximum .* usage per|failed quota/;
const deniedByAdmission = /admission webhook ".*" denied|violates PodSecurity|ValidatingAdmissionPolicy '.*' denied/;

/** Right after a quota was made, until the cluster has counted. */
const uncountedQuota = /status unknown for quota/;
const endingNamespace = /in namespace (\S+) because it is being terminated/;

function refusal(what: string, reason: string): EphemeraError {
  const ending = endingNamespace.exec(reason)?.[1];
  if (ending !== undefined) return new errors.Terminating({ what: `Namespace//${ending}` });
  if (uncountedQuota.test(reason)) return new errors.Unavailable({ what, status: 403, reason });
  return beyondQuota.test(reason) ? new errors.QuotaExceeded({ what, reason }) : new errors.Forbidden({ what, reason });
}
