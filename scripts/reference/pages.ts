import type { Source } from '../check/sources.ts';
import { commandsPage } from './commands.ts';
import { readErrors } from './errors.ts';
import { errorsPage } from './errors-page.ts';
import { exitCodesPage } from './exit-codes.ts';
import { metricsPage } from './metrics.ts';
import { openapiText } from './openapi.ts';
import { settingsPage } from './settings.ts';

export const FOLDER = 'docs/reference';

/** All generated pages, as they should stand in the repository. */
export async function referencePages(root: string): Promise<readonly Source[]> {
  const catalogues = await readErrors(root);
  const [settings, errors, exitCodes, commands, metrics, openapi] = await Promise.all([
    settingsPage(),
    errorsPage(root, catalogues),
    exitCodesPage(root, catalogues),
    commandsPage(root),
    metricsPage(root),
    openapiText(root),
  ]);
  return [
    page('settings.md', settings),
    page('errors.md', errors),
    page('exit-codes.md', exitCodes),
    page('commands.md', commands),
    page('metrics.md', metrics),
    // JSON has no comments to carry the mark.
    { path: `${FOLDER}/openapi.json`, text: openapi },
  ];
}

function page(name: string, text: string): Source {
  return { path: `${FOLDER}/${name}`, text: `${MARK}\n\n${text.trimEnd()}\n` };
}

const MARK = '<!-- Made from the code: run `npm run reference` instead of editing this page. -->';
