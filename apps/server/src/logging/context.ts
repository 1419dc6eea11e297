import { AsyncLocalStorage } from 'node:async_hooks';
import type { WorkKind } from '../store/schema.ts';
import type { Handler } from '../work/worker.ts';
import { workFields } from './work-fields.ts';

const storage = new AsyncLocalStorage<object>();

/** The fields of the work that is being done right now, for every line that is logged meanwhile, however deep below. */
export function currentFields(): object {
  return storage.getStore() ?? {};
}

/** The same handlers, whose log lines say which work they belong to. */
export function namedInLogs(
  handlers: Readonly<Partial<Record<WorkKind, Handler>>>,
): Partial<Record<WorkKind, Handler>> {
  return Object.fromEntries(
    Object.entries(handlers).map(([kind, handler]) => [
      kind,
      (claim) => storage.run(workFields(kind as WorkKind, claim.key), () => handler(claim)),
    ]),
  ) as Partial<Record<WorkKind, Handler>>;
}
