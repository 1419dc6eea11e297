import { createLogger, startServer } from '@ephemera/server';
import { readSettings } from '@ephemera/server/settings';
import type { Context } from '../context.ts';
import { withEnvFile } from '../env-file.ts';
import { takeSignals } from '../interruption.ts';

/** Well below the thirty seconds after which Kubernetes kills. */
const stopBoundMs = 14_500;

interface Flags {
  readonly context?: string;
  readonly envFile?: string;
}

export async function up(this: Context, { context, envFile }: Flags): Promise<void> {
  const environment = withEnvFile(this.environment, envFile);
  const settings = readSettings(environment);
  const log = createLogger(settings);
  using interruption = takeSignals(this.process);
  await using server = await startServer(settings, { context, log, environment });
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
      ...((await server.hasTokens())
        ? []
        : ['  API       nobody has a token yet: npx ephemera token create --name me --scopes admin']),
      '',
    ].join('\n'),
  );
  const lost = await Promise.race([interruption.happened, server.lost]);
  if (lost) throw lost;
  this.process.stderr.write('Stopping: what runs is finished first…\n');
  // Every part has its own bound; this is for what nobody thought of. A server that does not end would be killed, which is no better.
  setTimeout(() => this.process.exit(), stopBoundMs).unref();
}
