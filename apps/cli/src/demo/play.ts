import { setTimeout as wait } from 'node:timers/promises';
import type { FakePull } from '@ephemera/fake-github';
import type { KubeObject } from '@ephemera/model';
import { readApi, type EnvironmentView, type EventView } from '../server-api.ts';
import { commentBox } from './comment-box.ts';
import { DemoDeadline } from './errors.ts';
import type { Stage } from './stage.ts';
import type { Summary } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** A namespace takes about five seconds to go; a busy machine several times that. */
const timeoutMs = 120_000;
const lookEveryMs = 40;
/** Longer than the server ever leaves an event unread while it runs. */
const firstLookMs = 6_000;

/** What GitHub has to show at the end of an act. */
interface Goal {
  readonly status: 'ready' | 'destroyed';
  readonly description: string;
  /** What the comment says then. GitHub is told in several calls, and the status may come first. */
  readonly comment: string;
}

const ready: Goal = { status: 'ready', description: 'The environment is ready', comment: 'Environment is ready' };
const removed: Goal = { status: 'destroyed', description: 'Removed', comment: 'Environment is removed' };

/** Plays a pull request's life against the running server, and prints what happens while it happens. */
export class Play {
  readonly #stage: Stage;
  readonly #terminal: Terminal;
  readonly #summary: Summary;
  #signal: AbortSignal;
  readonly #seen = new Set<string>();
  #statusesSeen = 0;
  #pull: FakePull | undefined;

  constructor(stage: Stage, options: { terminal: Terminal; summary: Summary; signal: AbortSignal }) {
    this.#stage = stage;
    this.#terminal = options.terminal;
    this.#summary = options.summary;
    this.#signal = options.signal;
  }

  async opened(): Promise<EnvironmentView> {
    const repository = await this.#stage.github.repository({
      owner: 'acme',
      name: 'shop',
      files: { 'README.md': '# Shop\n' },
    });
    return this.#act('opened', 'A developer opens acme/shop#1, “Add a cart”', ready, async () => {
      this.#pull = await repository.open({
        head: 'feat/cart',
        title: 'Add a cart',
        author: 'dev',
        files: { 'cart.js': 'export const cart = [];\n' },
      });
    });
  }

  async synchronize(): Promise<void> {
    await this.#act('synchronize', 'She pushes another commit', ready, () =>
      this.#current().push({ 'cart.js': 'export const cart = new Map();\n' }),
    );
  }

  async reopened(): Promise<void> {
    await this.#act('reopened', 'She reopens it: a new generation with a fresh namespace', ready, () =>
      this.#current().reopen(),
    );
  }

  async closed(name: 'closed' | 'closed-again' = 'closed'): Promise<void> {
    await this.#act(name, 'The pull request is closed', removed, () => this.#current().close());
  }

  /** Closes the pull request if it is open and waits until nothing of it is left, whatever interrupted the play before. */
  async end(): Promise<void> {
    if (this.#pull?.view().state !== 'open') return;
    this.#signal = AbortSignal.timeout(timeoutMs);
    if (await this.#hasEnvironment()) return this.closed();
    // Interrupted before the server looked at it: it finds a closed pull request, and makes nothing.
    await this.#current().close();
    const lookUntil = performance.now() + firstLookMs;
    while (performance.now() < lookUntil) {
      if (await this.#hasEnvironment()) {
        await this.#follow(removed, performance.now());
        return;
      }
      await wait(lookEveryMs, undefined, { signal: this.#signal });
    }
  }

  async #hasEnvironment(): Promise<boolean> {
    return (await readApi<EnvironmentView[]>(this.#stage.api, '/api/v1/environments')).length > 0;
  }

  /** The comment as GitHub would show it, and the quota as the cluster has it. */
  async show(environment: EnvironmentView): Promise<void> {
    const comment = this.#current().comments()[0];
    if (comment) this.#terminal.block(`\n${commentBox(comment.user, comment.body)}\n`);
    const quota = await this.#stage.cluster.get<
      KubeObject & { status?: { hard?: Record<string, string>; used?: Record<string, string> } }
    >({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      namespace: environment.namespace,
      name: 'environment',
    });
    const { hard = {}, used = {} } = quota?.status ?? {};
    this.#terminal.show('URL', environment.environment_url);
    this.#terminal.show('Namespace', environment.namespace);
    this.#terminal.show(
      'Quota',
      ['limits.cpu', 'limits.memory', 'pods']
        .map((name) => `${name} ${used[name] ?? '?'} of ${hard[name] ?? '?'}`)
        .join(', '),
    );
    this.#terminal.show('Look inside', `${this.#stage.kubectl} describe quota -n ${environment.namespace}`);
  }

  async #act(name: string, heading: string, goal: Goal, action: () => Promise<unknown>): Promise<EnvironmentView> {
    this.#terminal.heading(heading);
    const startedAt = performance.now();
    await action();
    const environment = await this.#follow(goal, startedAt);
    this.#summary.phases.push({ name, ms: Math.round(performance.now() - startedAt) });
    const view = this.#current().view();
    this.#summary.comment = view.comments[0]?.body ?? '';
    this.#summary.statuses = view.statuses;
    return environment;
  }

  /** Prints what is new until the newest generation and GitHub both show the goal for the newest commit. */
  async #follow(goal: Goal, startedAt: number): Promise<EnvironmentView> {
    let last = 'nothing yet';
    while (performance.now() - startedAt < timeoutMs) {
      this.#signal.throwIfAborted();
      const environments = await readApi<EnvironmentView[]>(this.#stage.api, '/api/v1/environments');
      for (const environment of environments.toReversed()) await this.#printEvents(environment, startedAt);
      this.#printStatuses(startedAt);
      const newest = environments[0];
      last = newest ? `${newest.status}${newest.error_message === null ? '' : `, ${newest.error_message}`}` : last;
      const { statuses, comments } = this.#current().view();
      const told = statuses.at(-1);
      const comment = comments[0]?.body ?? '';
      const sha = this.#current().sha();
      if (
        newest?.status === goal.status &&
        newest.commit_sha === sha &&
        told?.sha === sha &&
        told.description === goal.description &&
        comment.includes(goal.comment) &&
        comment.includes(sha.slice(0, 7))
      )
        return newest;
      await wait(lookEveryMs, undefined, { signal: this.#signal });
    }
    throw new DemoDeadline({ what: `the environment to be ${goal.status}`, timeoutMs, last });
  }

  async #printEvents(environment: EnvironmentView, startedAt: number): Promise<void> {
    const events = await readApi<EventView[]>(this.#stage.api, `/api/v1/environments/${environment.id}/events`);
    for (const event of events) {
      const key = `event ${event.id}`;
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      const what =
        event.kind === 'step'
          ? `  ${stepNames[event.name] ?? event.name}`
          : `environment ${environment.id} is ${event.name}`;
      const detail =
        event.kind === 'status'
          ? (event.message ?? event.commit_sha.slice(0, 7))
          : event.name === 'namespace'
            ? environment.namespace
            : '';
      this.#terminal.happened(startedAt, what, detail);
    }
  }

  #printStatuses(startedAt: number): void {
    const { statuses } = this.#current().view();
    for (const { state, context, description, sha } of statuses.slice(this.#statusesSeen)) {
      this.#terminal.happened(startedAt, `GitHub shows ${context}: ${state}`, `${description} (${sha.slice(0, 7)})`);
    }
    this.#statusesSeen = statuses.length;
  }

  #current(): FakePull {
    if (!this.#pull) throw new TypeError('no pull request has been opened');
    return this.#pull;
  }
}

const stepNames: Readonly<Record<string, string>> = {
  namespace: 'namespace',
  guardrails: 'quota, default limits, default-deny policy, account without token',
  quota: 'the cluster counts against the quota',
};
