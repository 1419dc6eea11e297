import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takesPods } from './api.ts';
import type { Component } from './components.ts';
import { NodeEnded, NotReady } from './errors.ts';
import type { Layout } from './layout.ts';
import { poll } from './poll.ts';
import type { Report } from './progress.ts';
import { isAlive, readRecord } from './record.ts';

const deadlineMs = 120_000;
const everyMs = 50;
const shownLines = 10;

/** A line of the file in which pid 1 writes how far the components are. */
interface ComponentEvent {
  readonly component: string;
  readonly state: 'started' | 'ready' | 'failed';
  readonly ms: number;
  readonly detail?: string;
}

export interface Waiting {
  readonly layout: Layout;
  readonly components: readonly Component[];
  readonly report: Report | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Waits until every component is ready and the node takes pods, and passes on how it goes. */
export async function untilReady({ layout, components, report, signal }: Waiting): Promise<void> {
  const record = await readRecord(layout.record);
  const waiting = new Set([...components.map(({ name }) => name), 'node']);
  let seen = 0;
  const complete = async (): Promise<boolean> => {
    if (record === undefined || !(await isAlive(record))) throw new NodeEnded({ log: await tail(layout, 'node') });
    const events = await readEvents(layout.events);
    for (const event of events.slice(seen)) {
      if (event.state === 'ready') waiting.delete(event.component);
      pass(event, report);
    }
    seen = events.length;
    if (waiting.size === 1 && waiting.has('node') && (await takesPods(layout, record.loopbackPort))) return true;
    return false;
  };
  if (await poll(complete, { deadlineMs, everyMs, signal })) return;
  const first = [...waiting][0] ?? 'node';
  const log = await tail(layout, first === 'node' ? 'kubelet' : first);
  throw new NotReady({ waiting: [...waiting], seconds: deadlineMs / 1000, log });
}

function pass({ component, state, ms, detail }: ComponentEvent, report: Report | undefined): void {
  if (state === 'started') report?.({ step: component, state: 'started' });
  else report?.({ step: component, state: state === 'ready' ? 'done' : 'failed', ms, ...(detail ? { detail } : {}) });
}

async function readEvents(file: string): Promise<ComponentEvent[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // A line without its end is still being written.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ComponentEvent);
}

async function tail(layout: Layout, name: string): Promise<string> {
  const text = await readFile(join(layout.logs, `${name}.log`), 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-shownLines).join('\n');
  return lines === '' ? '' : `\nLast lines of ${name}:\n${lines}`;
}
