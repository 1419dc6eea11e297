import type { FastifyInstance } from 'fastify';
import { html } from '../html.ts';
import { kept } from '../kept.ts';
import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import { page, pageHeaders } from '../page.ts';
import type { Database } from '../store/database.ts';
import { readOverview, type Overview } from '../store/overview.ts';
import { within } from '../within.ts';
import type { Readiness } from './readiness.ts';
import { statusPageOperation } from './server-operations.ts';

export interface StatusPageDeps {
  readonly db: Database;
  readonly readiness: Readiness;
  readonly clusterName: string;
  readonly githubConfigured: boolean;
  readonly counters: Pick<ProcessMetrics, 'unsignedSoFar'>;
}

const overviewTimeoutMs = 2_000;
const keepMs = 1_000;

/**
 * `/` is open to everybody, so it shows how the server is: no address, and no name of a repository, hence no text of an error either.
 * `/health/ready` has the reasons, the log the texts.
 */
export async function statusPageRoute(app: FastifyInstance, deps: StatusPageDeps): Promise<void> {
  // Open to everybody, so that asking often must not cost the database anything.
  const overviewNow = kept(() => readOverview(deps.db), keepMs);
  app.get('/', statusPageOperation, async (_request, reply) => {
    const { ready, checks } = await deps.readiness();
    const overview = checks.database === 'ok' ? await withinTime(overviewNow()) : undefined;
    const unsigned = deps.counters.unsignedSoFar();
    const parts = [
      ['Database', checks.database === 'ok' ? 'ok' : 'does not answer'],
      ['Cluster', `${deps.clusterName}: ${checks.cluster === 'ok' ? 'ok' : 'does not answer'}`],
      ['GitHub App', deps.githubConfigured ? 'configured' : 'not configured: the webhook answers 503'],
      ...(overview ? overviewParts(overview) : []),
      ['Refused webhooks', unsigned === 0 ? 'none' : `${unsigned} without a valid signature since the start`],
    ] as const;
    const body = html` <span class="badge ${ready ? 'good' : 'bad'}">${ready ? 'ready' : 'not ready'}</span>
      <h1>Ephemera</h1>
      <p>Short-lived environments for pull requests, on this team’s own Kubernetes.</p>
      <dl>
        ${parts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>`;
    return reply
      .code(ready ? 200 : 503)
      .headers(pageHeaders)
      .send(page({ title: 'Ephemera', body }));
  });
}

/** Undefined: the database does not say, so the page does not either. */
async function withinTime(overview: Promise<Overview>): Promise<Overview | undefined> {
  return within(overview, overviewTimeoutMs, () => new Error('too late')).catch(() => undefined);
}

/** Pure. */
export function overviewParts(overview: Overview): readonly (readonly [name: string, value: string])[] {
  const { environments, queued, oldestDueSeconds, parked, sweep, paused } = overview;
  const active = environments.filter(({ status }) => status !== 'destroyed');
  return [
    ['Environments', active.map(({ status, count }) => `${count} ${status}`).join(', ') || 'none'],
    [
      'Work',
      queued === 0
        ? 'none waits'
        : `${queued} wait${queued === 1 ? 's' : ''}, the oldest due for ${time(oldestDueSeconds)}`,
    ],
    ...parked.map(
      ({ kind, count, seconds }) =>
        [
          'Parked',
          `${count} of ${kind}, for ${time(seconds)}: failed for good until the next event; the log says why`,
        ] as const,
    ),
    ['Last sweep', sweep === null ? 'none yet' : sweepText(sweep)],
    ...(paused === 0 ? [] : [['GitHub asks for patience', installations(paused)] as const]),
  ];
}

function sweepText({ seconds, complete, capped, findings }: NonNullable<Overview['sweep']>): string {
  const found = findings === 0 ? 'nothing to do' : `${findings} found`;
  const cap = capped ? ', stopped at the cap on removals' : '';
  return `${time(seconds)} ago, ${complete ? found : 'not complete'}${cap}`;
}

function installations(count: number): string {
  return count === 1 ? 'one installation waits' : `${count} installations wait`;
}

function time(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
