import { startServer } from '@ephemera/server';
import { readSettings } from '@ephemera/server/settings';
import { pino } from 'pino';
import type { Context } from '../context.ts';
import { takeSignals } from '../interruption.ts';

export async function up(this: Context, { context }: { context?: string }): Promise<void> {
  const settings = readSettings(this.environment);
  const log = pino({ level: settings.LOG_LEVEL });
  using interruption = takeSignals(this.process);
  await using server = await startServer(settings, { context, log });
  const github = settings.github
    ? `App ${settings.github.appId} at ${settings.github.apiUrl}`
    : 'not configured: /webhooks/github answers 503';
  this.process.stderr.write(
    [
      `Ephemera listens at ${server.url}`,
      `  cluster   ${server.clusterName} (${server.clusterSource})`,
      `  database  ${server.databaseName}`,
      `  GitHub    ${github}`,
      `  instance  ${server.instance}`,
      '',
    ].join('\n'),
  );
  await interruption.happened;
  this.process.stderr.write('Stopping: what runs is finished first…\n');
}
