import { load } from './load.ts';

/** The OpenAPI description, as `/api/openapi.json` answers it. */
export async function openapiText(root: string): Promise<string> {
  const { describeApi } = await load<{ describeApi: () => Promise<object> }>(
    root,
    'apps/server/src/routes/describe.ts',
  );
  return `${JSON.stringify(await describeApi(), null, 2)}\n`;
}
