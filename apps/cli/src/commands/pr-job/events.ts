import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import { takeSignals } from '../../interruption.ts';
import { plain } from '../../table.ts';
import { eventsTable } from './events-table.ts';
import { voiceOf } from './in-actions.ts';
import { apiOf } from './server/api.ts';
import { credentialsOf } from './server/credentials.ts';
import { mostEvents, prJobEvents } from './server/events.ts';
import { targetOf } from './target.ts';
import { wayOf } from './which-way.ts';

interface Flags {
  readonly namespace?: string;
  readonly json: boolean;
}

export async function events(this: Context, { json, ...flags }: Flags, name: string): Promise<void> {
  const { environment, process } = this;
  const ref = targetOf(flags, name);
  if (wayOf({}, environment).kind === 'cluster')
    throw new BadInput({
      problem: 'Only a server records who asked for what: set EPHEMERA_URL.',
      hint: 'Without a server: kubectl get events --namespace NAME.',
    });
  using interruption = takeSignals(process);
  const { signal } = interruption;
  const credentials = credentialsOf(environment);
  process.stderr.write(`server ${plain(credentials.url)} (${plain(credentials.inWords)})\n`);
  const found = (await prJobEvents(apiOf(credentials), ref, { signal })).toReversed();
  const voice = voiceOf(this);
  if (found.length >= mostEvents)
    voice.say({ to: 'stderr', line: `These are the newest ${mostEvents}; there may be more.` });
  if (json) {
    voice.json(found);
    return;
  }
  if (found.length === 0) {
    voice.say({ to: 'stderr', line: `Nothing is recorded of ${name} in ${ref.namespace}.` });
    return;
  }
  for (const line of eventsTable(found).split('\n')) voice.say({ to: 'stdout', line });
}
