import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Decision, Rules } from './occurrences.ts';
import {
  errorResponse,
  Frames,
  isEncryptionRequest,
  query,
  readyForQuery,
  statementOf,
  statusOf,
  tagOf,
  type Message,
  type TransactionStatus,
} from './postgres-frames.ts';
import type { Commit, CommitRule, SqlFate, Statement, StatementRule } from './postgres-rules.ts';

export interface SessionRules {
  readonly statements: Rules<Statement, SqlFate, StatementRule>;
  readonly commits: Rules<Commit, SqlFate, CommitRule>;
  /** Resolves when what is held may go on. */
  readonly released: () => Promise<void>;
}

/** What the server said to one statement, up to ReadyForQuery. */
interface Answer {
  readonly messages: readonly Buffer[];
  readonly status: TransactionStatus;
  readonly failed: boolean;
  readonly changed: boolean;
}

type Reader = (message: Message) => void;

/**
 * One client's connection. Statements go through one after the other, so that each can be held, lost or refused by itself.
 * While there are commit rules, a statement outside of a transaction gets one from here: only so is it known whether it changes
 * anything before the change is durable.
 */
export class PostgresSession {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: SessionRules;
  readonly #fromClient = new Frames({ untyped: true });
  readonly #fromServer = new Frames({ untyped: false });
  #pending: Message[] = [];
  #turn: Promise<void> = Promise.resolve();
  /** The first ReadyForQuery: before it, the client is still being let in. */
  readonly #started = Promise.withResolvers<void>();
  readonly #closed: Promise<void>;
  #reader: Reader | undefined;
  #status: TransactionStatus = 'I';
  #changes: string[] = [];

  constructor(client: Socket, upstream: { readonly path: string }, rules: SessionRules) {
    this.#client = client;
    this.#rules = rules;
    this.#server = connect(upstream);
    this.#closed = new Promise((resolve) => client.once('close', () => resolve()));
    for (const [one, other] of [
      [client, this.#server],
      [this.#server, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => other.destroy());
    }
    client.on('data', (chunk: Buffer) => this.#fromClient.push(chunk).forEach((message) => this.#say(message)));
    this.#server.on('data', (chunk: Buffer) => this.#fromServer.push(chunk).forEach((message) => this.#hear(message)));
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.destroy();
  }

  /** Bytes pass in neither direction any more, and nobody is told. */
  freeze(): void {
    this.#client.pause();
    this.#server.pause();
  }

  thaw(): void {
    this.#client.resume();
    this.#server.resume();
  }

  /** Runs a statement of the proxy's own when the client's is done. */
  between(text: string): Promise<void> {
    this.#turn = this.#turn
      .then(() => this.#started.promise)
      .then(async () => void (await this.#exchange(query(text))));
    return Promise.race([this.#turn, this.#closed]);
  }

  #say(message: Message): void {
    if (message.type === '' && isEncryptionRequest(message.bytes)) return void this.#client.write('N');
    if (['', 'p', 'X'].includes(message.type)) return void this.#server.write(message.bytes);
    this.#pending.push(message);
    if (message.type !== 'Q' && message.type !== 'S') return;
    const cycle = this.#pending;
    this.#pending = [];
    this.#turn = this.#turn.then(() => this.#run(cycle));
  }

  #hear(message: Message): void {
    // Notifications, notices and settings belong to no statement.
    if (this.#reader && !['A', 'N', 'S'].includes(message.type)) this.#reader(message);
    else this.#client.write(message.bytes);
    if (message.type === 'Z') this.#started.resolve();
  }

  async #run(cycle: readonly Message[]): Promise<void> {
    const text = cycle.map(statementOf).find((found) => found !== undefined) ?? '';
    const bytes = Buffer.concat(cycle.map((message) => message.bytes));
    const { commits } = this.#rules;
    await this.#decided(this.#rules.statements.decide({ text }), {
      forward: async () => {
        if (!commits.empty && this.#status === 'I' && mayChange(text)) return this.#alone(text, bytes);
        if (this.#status === 'T' && isCommit(text) && this.#changes.length > 0) return this.#durable(bytes);
        const answer = await this.#exchange(bytes);
        if (answer.changed || changesInPassing(text)) this.#changes.push(text);
        return answer.messages;
      },
      refuse: async () => (this.#status === 'I' ? 'I' : 'E'),
    });
  }

  /** A single statement in a transaction of its own, which is committed when the rules allow it. */
  async #alone(text: string, bytes: Buffer): Promise<readonly Buffer[]> {
    await this.#exchange(query('begin'));
    const answer = await this.#exchange(bytes);
    const shown = [...answer.messages.slice(0, -1), readyForQuery('I')];
    if (answer.failed || !(answer.changed || (await this.#wroteInPassing(text)))) {
      await this.#exchange(query(answer.failed ? 'rollback' : 'commit'));
      return shown;
    }
    this.#changes = [text];
    return this.#durable(query('commit'), shown);
  }

  /** The tag of a statement says nothing about the changes in its WITH; that a transaction has an id says that it wrote something. */
  async #wroteInPassing(text: string): Promise<boolean> {
    if (!changesInPassing(text)) return false;
    const { messages } = await this.#exchange(
      query(`select 'wrote' where pg_current_xact_id_if_assigned() is not null`),
    );
    return messages.some((bytes) => bytes.toString('latin1', 0, 1) === 'D');
  }

  /** The moment before changes are durable. `shown`: what the client hears if all goes well; default the server's own answer. */
  async #durable(commit: Buffer, shown?: readonly Buffer[]): Promise<readonly Buffer[]> {
    const decision = this.#rules.commits.decide({ changes: this.#changes });
    this.#changes = [];
    const done = Promise.withResolvers<readonly Buffer[]>();
    await this.#decided(decision, {
      forward: async () => {
        const answer = await this.#exchange(commit);
        return answer.failed ? answer.messages : (shown ?? answer.messages);
      },
      refuse: async () => {
        await this.#exchange(query('rollback'));
        return 'I';
      },
      answer: done.resolve,
    });
    return done.promise;
  }

  /** Does to a statement or a commit what was decided. A promise that never resolves keeps the whole connection waiting. */
  async #decided(
    { fate, reached, answered }: Decision<SqlFate>,
    act: {
      readonly forward: () => Promise<readonly Buffer[]>;
      /** Undoes what was begun and says in which state the client's transaction is then. */
      readonly refuse: () => Promise<TransactionStatus>;
      readonly answer?: (messages: readonly Buffer[]) => void;
    },
  ): Promise<void> {
    const answer = act.answer ?? ((messages) => this.#client.write(Buffer.concat(messages)));
    reached();
    if (fate === 'reset') return this.reset();
    if (fate === 'hold') await this.#rules.released();
    if (typeof fate === 'object' && 'delayMs' in fate) await wait(fate.delayMs);
    if (typeof fate === 'object' && 'error' in fate) {
      return answer([errorResponse(fate.error), readyForQuery(await act.refuse())]);
    }
    const messages = await act.forward();
    answered();
    if (fate === 'forward-and-drop') return new Promise(() => {});
    if (fate === 'forward-and-reset') return this.reset();
    answer(messages);
  }

  async #exchange(bytes: Buffer): Promise<Answer> {
    const messages: Buffer[] = [];
    let failed = false;
    let changed = false;
    const answered = Promise.withResolvers<Answer>();
    this.#reader = (message) => {
      messages.push(message.bytes);
      if (message.type === 'E') failed = true;
      if (message.type === 'C' && /^(INSERT 0|UPDATE|DELETE|MERGE) [1-9]/.test(tagOf(message))) changed = true;
      if (message.type !== 'Z') return;
      this.#status = statusOf(message);
      if (this.#status === 'I') this.#changes = [];
      this.#reader = undefined;
      answered.resolve({ messages, status: this.#status, failed, changed });
    };
    this.#server.write(bytes);
    return answered.promise;
  }
}

function mayChange(text: string): boolean {
  return /^\s*(insert|update|delete|merge|with)\b/i.test(text);
}

function changesInPassing(text: string): boolean {
  return /^\s*with\b/i.test(text) && /\b(insert into|update|delete from)\b/i.test(text);
}

function isCommit(text: string): boolean {
  return /^\s*(commit|end)\b/i.test(text);
}
