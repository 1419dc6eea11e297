import { createHmac, randomUUID } from 'node:crypto';
import type { FakePull, FakeRepository } from '@ephemera/fake-github';
import { installationOf } from '../installation.ts';
import type { Stage } from './stage.ts';

export interface WebhookAnswer {
  readonly status: number;
  readonly ms: number;
  /** The code of the typed error, if it is one. */
  readonly code: string | undefined;
}

/** Sends `synchronize` webhooks about a pull request as GitHub would, and shows the whole answer, which GitHub's records do not. */
export async function webhooksTo(
  stage: Stage,
  serverUrl: string,
  { repository, pull }: { repository: FakeRepository; pull: FakePull },
) {
  const installation = { id: await installationOf(stage.github, repository.fullName) };
  const about = { id: repository.id, full_name: repository.fullName };
  return async (): Promise<WebhookAnswer> => {
    const payload = { action: 'synchronize', number: pull.number, repository: about, installation };
    const body = JSON.stringify(payload);
    const signature = createHmac('sha256', stage.api.settings.GITHUB_WEBHOOK_SECRET).update(body).digest('hex');
    const startedAt = performance.now();
    const response = await fetch(`${serverUrl}/webhooks/github`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${signature}`,
        'x-github-event': 'pull_request',
        'x-github-delivery': randomUUID(),
      },
    });
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, ms: performance.now() - startedAt, code };
  };
}
