import { covers, installationOf } from '../installations.ts';
import { payloadCheck } from '../openapi/checks.ts';
import { installationPayload, installedRepositoriesPayload } from '../payloads/installation.ts';
import { pingPayload } from '../payloads/ping.ts';
import { pullRequestPayload } from '../payloads/pull-request.ts';
import { repositoryPayload } from '../payloads/repository.ts';
import { subjectOf } from './view.ts';
import type { WorldEvent } from '../actions/event.ts';
import type { Deliveries, Delivery, Hook } from '../deliveries.ts';
import type { Json } from '../openapi/description.ts';
import type { Installation, Repository, World } from '../state.ts';

export interface Announcer {
  /** Sends the webhooks that the App gets for what happened; none for what it did not subscribe to or may not see. */
  readonly announce: (events: readonly WorldEvent[]) => void;
  readonly ping: () => Promise<Delivery>;
}

export interface AnnouncerParts {
  readonly world: World;
  readonly deliveries: Deliveries;
  readonly hook: Hook;
  readonly violated: (violation: string) => void;
}

export function createAnnouncer({ world, deliveries, hook, violated }: AnnouncerParts): Announcer {
  function send(event: string, payload: Json, subject?: string): Promise<Delivery> {
    const action = typeof payload['action'] === 'string' ? payload['action'] : undefined;
    const problems = payloadCheck(event, action)?.(payload) ?? [];
    for (const { instancePath, message } of problems)
      violated(`webhook ${event} ${action}: ${instancePath} ${message}`);
    return deliveries.send(event, payload, subject === undefined ? {} : { subject });
  }

  function announce(happened: WorldEvent): void {
    const { event } = happened;
    if (event === 'installation') {
      const { installation } = happened;
      return void send(event, installationPayload(world, happened), `installation ${installation.id}`);
    }
    if (event === 'installation_repositories') {
      const { installation } = happened;
      if (installation.suspendedAt) return;
      return void send(event, installedRepositoriesPayload(world, happened), `installation ${installation.id}`);
    }
    const repository = event === 'pull_request' ? happened.pull.repository : happened.repository;
    const listener = listenerTo(world, repository, event);
    if (listener === undefined) return;
    if (event === 'repository') {
      return void send(event, repositoryPayload(world, happened, listener), `repository ${repository.id}`);
    }
    void send(event, pullRequestPayload(world, happened, listener), subjectOf(happened.pull));
  }

  return {
    announce: (events) => events.forEach(announce),
    ping: () => send('ping', pingPayload(world, { id: hook.id, url: hook.url ?? '' })),
  };
}

/** The installation that hears of the repository. A suspended one does not, nor an App that did not subscribe. */
function listenerTo(world: World, repository: Repository, event: string): Installation | undefined {
  const installation = installationOf(world, repository.owner);
  if (installation === undefined || installation.suspendedAt) return undefined;
  return covers(installation, repository) && world.app.events.includes(event) ? installation : undefined;
}
