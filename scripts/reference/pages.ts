import type { Source } from '../check/sources.ts';
import { commandsPage } from './commands.ts';
import { diagnosisPage } from './diagnosis.ts';
import { readErrors } from './errors.ts';
import { errorsPage } from './errors-page.ts';
import { exitCodesPage } from './exit-codes.ts';
import { kubernetesJobPage, kubernetesJobSchema } from './kubernetes-job.ts';
import { metricsPage } from './metrics.ts';
import { openapiText } from './openapi.ts';
import { rightsManifests } from './rights.ts';
import { settingsPage } from './settings.ts';

export const FOLDER = 'docs/reference';

/** All generated pages, and the manifests that are made from code, as they should stand in the repository. */
export async function referencePages(root: string): Promise<readonly Source[]> {
  const catalogues = await readErrors(root);
  const [settings, errors, exitCodes, commands, diagnosis, metrics, openapi] = await Promise.all([
    settingsPage(),
    errorsPage(root, catalogues),
    exitCodesPage(root, catalogues),
    commandsPage(root),
    diagnosisPage(root),
    metricsPage(root),
    openapiText(root),
  ]);
  return [
    page('settings.md', settings),
    page('errors.md', errors),
    page('exit-codes.md', exitCodes),
    page('commands.md', commands),
    page('diagnosis.md', diagnosis),
    page('metrics.md', metrics),
    page('kubernetes-job.md', kubernetesJobPage()),
    // JSON has no comments to carry the mark.
    { path: `${FOLDER}/kubernetes-job.schema.json`, text: kubernetesJobSchema() },
    { path: `${FOLDER}/openapi.json`, text: openapi },
    ...rightsManifests(),
  ];
}

function page(name: string, text: string): Source {
  return { path: `${FOLDER}/${name}`, text: `${MARK}\n\n${text.trimEnd()}\n` };
}

const MARK = '<!-- Made from the code: run `npm run reference` instead of editing this page. -->';
