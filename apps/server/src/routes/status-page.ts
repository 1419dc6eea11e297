import type { FastifyInstance } from 'fastify';
import { html } from '../html.ts';
import { page, pageHeaders } from '../page.ts';
import type { IntakeCounters } from '../intake/route.ts';
import { countByStatus } from '../store/environments.ts';
import { readiness, type HealthDeps } from './health.ts';

/** `/` is open to everybody, so it shows how the server is: no address, and no name of a repository. `/health/ready` has the reasons. */
export async function statusPageRoute(
  app: FastifyInstance,
  deps: HealthDeps & { clusterName: string; githubConfigured: boolean; counters: IntakeCounters },
): Promise<void> {
  app.get('/', async (_request, reply) => {
    const checks = await readiness(deps);
    const counts = checks.database === 'ok' ? await countByStatus(deps.db) : [];
    const active = counts.filter(({ status }) => status !== 'destroyed');
    const ready = Object.values(checks).every((result) => result === 'ok');
    const parts = [
      ['Database', checks.database === 'ok' ? 'ok' : 'does not answer'],
      ['Cluster', `${deps.clusterName}: ${checks.cluster === 'ok' ? 'ok' : 'does not answer'}`],
      ['GitHub App', deps.githubConfigured ? 'configured' : 'not configured: the webhook answers 503'],
      ['Environments', active.map(({ status, count }) => `${count} ${status}`).join(', ') || 'none'],
      [
        'Refused webhooks',
        deps.counters.unsigned === 0 ? 'none' : `${deps.counters.unsigned} without a valid signature since the start`,
      ],
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
