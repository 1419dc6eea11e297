import { randomBytes } from 'node:crypto';
import { basename, relative } from 'node:path';
import { convertManifest, type ConvertedApp } from '@ephemera/github';
import { messageOf } from '@ephemera/model';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { openBrowser } from '../../setup/browser.ts';
import { AppNotKept } from '../../setup/errors.ts';
import { fetchApp } from '../../setup/fetch-app.ts';
import { planFiles, settingsText, writeFiles, type SetupFiles } from '../../setup/files.ts';
import { inTime } from '../../setup/in-time.ts';
import { serveLoopback } from '../../setup/loopback.ts';
import { apiUrlOf, appsPage, manifestOf, registrationUrl } from '../../setup/manifest.ts';

interface Flags {
  readonly url?: string;
  readonly organization?: string;
  readonly name?: string;
  readonly githubUrl: string;
  readonly out: string;
  readonly open: boolean;
  readonly force: boolean;
}

const deadlineMinutes = 10;
const publicApi = 'https://api.github.com';

export async function github(this: Context, flags: Flags): Promise<void> {
  const { stdout, stderr } = this.process;
  const files = planFiles(flags.out, flags.force);
  const apiUrl = this.environment['GITHUB_API_URL'] || apiUrlOf(flags.githubUrl);
  using interruption = takeSignals(this.process);
  const state = randomBytes(24).toString('hex');
  const name = flags.name ?? `ephemera-${randomBytes(3).toString('hex')}`;

  await using loopback = await serveLoopback({
    state,
    form: (redirectUrl) => ({
      action: registrationUrl(flags.githubUrl, flags.organization, state),
      manifest: manifestOf({ name, publicUrl: flags.url, redirectUrl }),
    }),
    exchange: async (code) => {
      const app = await fetchApp(
        () => convertManifest(apiUrl, code, interruption.signal),
        { name, page: appsPage(flags.githubUrl, flags.organization) },
        { signal: interruption.signal, tell: (line) => stderr.write(`${line}\n`) },
      );
      await keep(app, { files, apiUrl, force: flags.force });
      return app;
    },
  });
  const opened = flags.open && (await openBrowser(loopback.url, this.environment));
  stderr.write(
    `${opened ? 'A browser opens' : 'Open in a browser on this machine'}: ${loopback.url}\nWaiting for GitHub, for ${deadlineMinutes} minutes at most…\n`,
  );
  await inTime(loopback.codeCame, deadlineMinutes, interruption.signal);
  const app = await loopback.result;
  stdout.write(`${nextSteps(app, files, flags.url)}\n`);
}

async function keep(
  app: ConvertedApp,
  { files, apiUrl, force }: { readonly files: SetupFiles; readonly apiUrl: string; readonly force: boolean },
): Promise<void> {
  const settings = settingsText({
    GITHUB_API_URL: apiUrl.replace(/\/+$/, '') === publicApi ? undefined : apiUrl,
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_PRIVATE_KEY_PATH: `./${basename(files.key)}`,
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
  });
  await writeFiles(files, { settings, key: app.pem }, force).catch((error: unknown) => {
    throw new AppNotKept({ path: files.settings, page: app.htmlUrl, problem: messageOf(error) }, { cause: error });
  });
}

function nextSteps(app: ConvertedApp, files: SetupFiles, url: string | undefined): string {
  const here = (path: string) => relative(process.cwd(), path) || path;
  const steps = [
    ...(url === undefined ? [`Give the App its webhook address and make it active: ${app.htmlUrl}`] : []),
    `Install it on the repositories that shall have environments: ${app.htmlUrl}/installations/new`,
    `Start the server: npx ephemera up --env-file ${here(files.settings)}`,
    `See whether all is well: npx ephemera doctor --env-file ${here(files.settings)}`,
  ];
  return [
    `The App ${app.slug} (${app.id}) is made.`,
    `  settings  ${here(files.settings)}`,
    `  key       ${here(files.key)}`,
    '',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
  ].join('\n');
}
