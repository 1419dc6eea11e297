import { randomUUID } from 'node:crypto';
import { startFakeGitHub, type FakeGitHub, type FakePull, type FakeRepository } from '@ephemera/fake-github';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import { readSettings } from '../src/settings.ts';
import { startServer, type RunningServer } from '../src/start.ts';
import { cloneDatabase } from './database.ts';

/** An environment as the API shows it. */
export interface Shown {
  readonly id: number;
  readonly namespace: string;
  readonly host: string;
  readonly environment_url: string;
  readonly status: string;
  readonly generation: number;
  readonly commit_sha: string;
  readonly reason: string | null;
  readonly error_message: string | null;
  readonly is_fork: boolean;
}

/** A server, a database, a GitHub and a repository of one test alone, on the cluster of all. */
export interface World extends AsyncDisposable {
  readonly server: RunningServer;
  readonly github: FakeGitHub;
  readonly repository: FakeRepository;
  /** Another repository, whose pull requests are closed at the end as well. */
  addRepository(name: string): Promise<FakeRepository>;
  /** All environments, newest first. */
  environments(): Promise<Shown[]>;
  /** Waits until the newest environment is in this state, and returns it. */
  until(status: string): Promise<Shown>;
  /** Waits until GitHub shows this on the pull request's newest commit. */
  untilTold(pull: FakePull, description: string | RegExp): Promise<void>;
  /** Asks the API with a token that may do everything. */
  api<Answer>(path: string, method?: 'GET' | 'POST' | 'DELETE'): Promise<Answer>;
}

/** Long enough for a busy machine, short enough to end. */
const patience = { timeout: 120_000, interval: 50 };

/**
 * Waits until a check holds. Not `expect.poll`: that one knows its test by a global, which tests that run side by side overwrite.
 */
export async function soon(
  check: () => Promise<unknown>,
  options: { timeout?: number; interval?: number } = {},
): Promise<void> {
  await vi.waitFor(check, { ...patience, ...options });
}

export interface WorldOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Where the server looks for KUBECONFIG_<NAME>. Default: nowhere. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a clone of the tests' database, given by DATABASE_URL. */
  readonly database?: 'given' | { readonly dataDir: string };
}

/** The tests of a file run side by side, and six servers that start at once keep its process from hearing PostgreSQL's answer in time. */
let starting: Promise<unknown> = Promise.resolve();

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const started = starting.then(() => startOne(options));
  starting = started.catch(() => {});
  return started;
}

async function startOne({ settings = {}, environment = {}, database = 'given' }: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const databaseSettings =
    database === 'given' ? { DATABASE_URL: stack.use(await cloneDatabase()).url } : { DATA_DIR: database.dataDir };
  const server = stack.use(
    await startServer(
      readSettings({ ...github.settings, ...databaseSettings, ...clusterSettings(), PORT: '0', ...settings }),
      {
        context: process.env.EPHEMERA_TEST_CONTEXT,
        environment,
        log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
      },
    ),
  );
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const repositories: FakeRepository[] = [];
  const addRepository = async (name: string) => {
    const added = await github.repository({ owner: 'acme', name });
    repositories.push(added);
    return added;
  };
  const repository = await addRepository('shop');

  const token = await server.createToken({ name: `test-${randomUUID()}`, scopes: ['admin'] });
  const api = async <Answer>(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET'): Promise<Answer> =>
    (
      await fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })
    ).json() as Promise<Answer>;
  const environments = () => api<Shown[]>('/api/v1/environments');
  /** What a busy machine did not record in time is lost until somebody asks GitHub for it again, which the App's page is for. */
  const redeliver = async (): Promise<void> => {
    for (const { id, status } of github.deliveries()) if (status === 503) await github.redeliver(id);
  };
  const owned = stack.move();
  return {
    server,
    github,
    repository,
    addRepository,
    api,
    environments,
    until: async (status) => {
      await soon(async () => {
        await redeliver();
        expect((await environments())[0]?.status).toBe(status);
      });
      const [newest] = await environments();
      if (!newest) throw new Error('no environment');
      return newest;
    },
    untilTold: async (pull, description) => {
      await soon(async () => {
        await redeliver();
        expect(told(pull)).toMatch(description);
      });
    },
    /** Closes what a test left open, and proves that this server's whole world is empty at the end. */
    [Symbol.asyncDispose]: async () => {
      try {
        for (const pull of repositories.flatMap(openPulls)) await pull.close();
        await soon(async () => {
          await redeliver();
          expect(await server.leftovers()).toEqual([]);
        });
        expect(github.violations).toEqual([]);
      } finally {
        await owned.disposeAsync();
      }
    },
  };
}

/** What GitHub shows on the newest commit: state and description of our commit status. */
export function told(pull: FakePull): string {
  const { statuses, head } = pull.view();
  const last = statuses.findLast(({ sha, context }) => sha === head.sha && context === 'ephemera/environment');
  return last ? `${last.state}: ${last.description}` : 'nothing';
}

/** Where the tests' cluster is, as `npm test` prepared it. */
export function clusterSettings(): Record<string, string | undefined> {
  return { KUBECONFIG_PATH: process.env.EPHEMERA_TEST_KUBECONFIG };
}

function openPulls(repository: FakeRepository): FakePull[] {
  const pulls: FakePull[] = [];
  for (let number = 1; ; number += 1) {
    try {
      pulls.push(repository.pull(number));
    } catch {
      return pulls.filter((pull) => pull.view().state === 'open');
    }
  }
}
