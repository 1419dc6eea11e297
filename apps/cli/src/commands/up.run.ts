import { startServer } from '@ephemera/server';
import { readSettings } from '@ephemera/server/settings';
import { pino } from 'pino';
import type { Context } from '../context.ts';
import { untilSignal } from '../until-signal.ts';

export async function up(this: Context, { context }: { context?: string }): Promise<void> {
  const settings = readSettings(this.environment);
  const log = pino({ level: settings.LOG_LEVEL });
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
  const signal = await untilSignal(this.process, 'SIGINT', 'SIGTERM');
  this.process.stderr.write(`${signal}: finishing what runs…\n`);
}
