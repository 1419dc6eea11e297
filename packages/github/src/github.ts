import { z } from 'zod';
import { checked } from './answer.ts';
import { app, hook, hookDeliveries } from './app.ts';
import { writeCheckRun } from './check-run.ts';
import { createClient, type Client, type RepositoryCall } from './client.ts';
import { writeComment } from './comment.ts';
import { noGuard, type Guard } from './guard.ts';
import { installation, installationOn, installations, repositories, repository } from './installed.ts';
import { openPulls } from './open-pulls.ts';
import { createPageCache, type PageCache } from './page-cache.ts';
import { pullRequestSchema } from './pull-request.ts';
import type { AppSettings, CommitStatus, GitHub, OpenPull } from './types.ts';

/** GitHub without anybody who watches over its limits. */
export interface ConnectedGitHub extends GitHub {
  /** The same connection, with tokens and cached pages shared, whose calls pass this guard. */
  guardedBy(guard: Guard): GitHub;
}

/** Some 20 KB each, when they are full. */
const keptPages = 500;
/** What a cut may leave of a character of two code units. */
const halfCharacter = /[\uD800-\uDBFF]$/;

/** Reads the key at once; the first call goes out later. Throws `PrivateKeyInvalid`. */
export function connectGitHub(settings: AppSettings): ConnectedGitHub {
  const client = createClient(settings, noGuard);
  const cache = createPageCache<OpenPull>(keptPages);
  return {
    ...methods(client, cache),
    guardedBy: (guard) => methods(client.guardedBy(guard), cache),
  };
}

function methods(client: Client, cache: PageCache<OpenPull>): GitHub {
  return {
    pullRequest: (ref, number, signal) =>
      client.on(ref, { what: `reading ${ref.fullName}#${number}`, signal }, async ({ what, request, parameters }) => {
        const { data } = await request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...parameters,
          pull_number: number,
        });
        return checked(what, pullRequestSchema, data);
      }),
    openPullRequests: (ref, signal) =>
      client.on(ref, { what: `listing the pull requests of ${ref.fullName}`, signal }, (call) =>
        openPulls(call, ref.installationId, cache),
      ),
    setCommitStatus: (ref, status, signal) =>
      client.on(ref, { what: `setting the status of ${ref.fullName}@${status.sha.slice(0, 7)}`, signal }, (call) =>
        writeStatus(call, status),
      ),
    stickyComment: (ref, comment, signal) =>
      client.on(ref, { what: `commenting on ${ref.fullName}#${comment.number}`, signal }, (call) =>
        writeComment(call, client.appId, comment),
      ),
    checkRun: (ref, run, signal) =>
      client.on(ref, { what: `writing the check run of ${ref.fullName}@${run.sha.slice(0, 7)}`, signal }, (call) =>
        writeCheckRun(call, client.appId, run),
      ),
    repository: (ref, signal) =>
      client.on(ref, { what: `looking for the repository ${ref.fullName}`, signal }, repository),
    repositories: (id, signal) =>
      client.asInstallation(id, { what: `listing the repositories of installation ${id}`, signal }, repositories),
    installations: (signal) => client.asApp({ what: 'listing the installations of the App', signal }, installations),
    installation: (id, signal) =>
      client.asApp({ what: `looking for installation ${id}`, signal }, (call) => installation(call, id)),
    installationOn: (fullName, signal) =>
      client.asApp({ what: `looking for the installation on ${fullName}`, signal }, (call) =>
        installationOn(call, fullName),
      ),
    app: (signal) => client.asApp({ what: 'reading the App', signal }, app),
    hook: (signal) => client.asApp({ what: 'reading where webhooks go', signal }, hook),
    hookDeliveries: (signal) => client.asApp({ what: 'listing the deliveries of the webhook', signal }, hookDeliveries),
  };
}

async function writeStatus({ what, request, parameters }: RepositoryCall, status: CommitStatus): Promise<void> {
  const { data } = await request('POST /repos/{owner}/{repo}/statuses/{sha}', {
    ...parameters,
    sha: status.sha,
    state: status.state,
    context: status.context,
    description: status.description.slice(0, 140).replace(halfCharacter, ''),
    ...(status.targetUrl === undefined ? {} : { target_url: status.targetUrl }),
  });
  // A redirect that turned the write into a read would answer with a list.
  checked(what, z.object({ state: z.string() }), data);
}
