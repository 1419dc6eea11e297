import { openAdminDatabase, type AdminDatabase } from '@ephemera/server/admin';
import { createLogger } from '@ephemera/server';
import { readSettings } from '@ephemera/server/settings';

import { memoryOf, startChild, type Child } from './child.ts';

/** A server as users run it, in a process of its own, and its database to look into. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly instance: string;
  readonly child: Child;
  /** MiB. */
  memory(): { readonly now: number; readonly peak: number };
  look(): Promise<Look>;
  /** When each environment entered a state for the first time, in milliseconds since 1970, by `repository#number`. */
  entered(status: 'ready' | 'destroyed'): Promise<ReadonlyMap<string, number>>;
}

/** How far it is. */
export interface Look {
  readonly ready: number;
  readonly destroyed: number;
  readonly failed: number;
  /** Work that tells GitHub, or asks it. */
  readonly forGitHub: number;
}

export interface ServerOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly context: string | undefined;
  readonly profile: string | undefined;
}

const startTimeoutMs = 90_000;

export async function startServer({ settings, context, profile }: ServerOptions): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const child = stack.use(
    startChild({
      args: ['up', ...(context === undefined ? [] : ['--context', context])],
      nodeArgs: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
      env: settings,
    }),
  );
  const [, url = ''] = await child.line(/listens at (\S+)/, startTimeoutMs);
  const [, instance = ''] = await child.line(/instance\s+(\S+)/, startTimeoutMs);
  const admin = stack.use(
    await openAdminDatabase(readSettings(settings), { log: createLogger({ LOG_LEVEL: 'silent' }) }),
  );
  const owned = stack.move();
  return {
    url,
    instance,
    child,
    memory: () => memoryOf(child.pid),
    look: () => lookInto(admin),
    entered: (status) => enteredIn(admin, status),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function lookInto({ db }: AdminDatabase): Promise<Look> {
  const rows = await db
    .selectFrom('environments')
    .select((expression) => ['status', expression.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  const counted = new Map(rows.map(({ status, count }) => [status, count]));
  const { forGitHub } = await db
    .selectFrom('work')
    .select((expression) => expression.fn.countAll<number>().as('forGitHub'))
    .where('kind', 'in', ['pull-request', 'report'])
    .executeTakeFirstOrThrow();
  return {
    ready: counted.get('ready') ?? 0,
    destroyed: counted.get('destroyed') ?? 0,
    failed: counted.get('failed') ?? 0,
    forGitHub,
  };
}

async function enteredIn({ db }: AdminDatabase, status: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('events')
    .innerJoin('environments', 'environments.id', 'events.environmentId')
    .select(['environments.repositoryFullName', 'environments.prNumber', 'events.at'])
    .where('events.kind', '=', 'status')
    .where('events.name', '=', status)
    .orderBy('events.id', 'desc')
    .execute();
  return new Map(
    rows.map(({ repositoryFullName, prNumber, at }) => [`${repositoryFullName}#${prNumber}`, at.getTime()]),
  );
}
