import type { EphemeraError } from '@ephemera/model';
import * as errors from './errors.ts';

/** The parts of a Kubernetes `Status` answer that decide what went wrong. */
export interface StatusAnswer {
  readonly message?: string;
  readonly reason?: string;
}

/** One HTTP answer that is no success → one typed error. Pure; the only place that looks at messages. */
export function statusError(
  request: { what: string; server: string },
  httpStatus: number,
  answer: StatusAnswer,
  retryAfterMs: number | undefined,
): EphemeraError {
  const { what, server } = request;
  const reason = answer.message ?? answer.reason ?? `HTTP ${httpStatus}`;
  switch (httpStatus) {
    case 401:
      return new errors.Unauthenticated({ server });
    case 403:
      return refusal(what, reason);
    case 404:
      return new errors.NotFound({ what });
    case 409:
      return new errors.Conflict({ what, reason });
    case 410:
      return new errors.Gone({ what });
    case 400:
    case 415:
    case 422:
      return new errors.Invalid({ what, reason });
    case 429:
      return new errors.Throttled({ what, retryAfterMs: retryAfterMs ?? 1000 });
    default:
      return new errors.Unavailable({ what, status: httpStatus, reason });
  }
}

/**
 * Authorisation, quota and admission all answer 403; only the sentence tells them apart. The sentences are the API server's own
 * (`exceeded quota: …`, `admission webhook "…" denied the request: …`, `violates PodSecurity …`, `ValidatingAdmissionPolicy '…' …`).
 */
function refusal(what: string, reason: string): EphemeraError {
  if (/exceeded quota|forbidden: maximum .* usage|failed quota/.test(reason))
    return new errors.QuotaExceeded({ what, reason });
  if (/admission webhook|violates PodSecurity|ValidatingAdmissionPolicy|denied (the )?request/.test(reason)) {
    return new errors.AdmissionDenied({ what, reason });
  }
  return new errors.Forbidden({ what, reason });
}
