import type { Check } from './check.ts';
import { wrongImports, type Exports } from './direction.ts';
import { isScript, sources } from './sources.ts';

export const importDirection: Check = {
  name: 'import direction',
  run: async (root) => ({ problems: wrongImports(await sources(root, isScript), await readExports(root)) }),
};

async function readExports(root: string): Promise<Exports> {
  const manifests = await sources(root, (path) => /^(packages|apps|tools)\/[^/]+\/package\.json$/.test(path));
  return new Map(
    manifests.map(({ text }) => {
      const { name, exports = {} } = JSON.parse(text) as Manifest;
      return [name, typeof exports === 'string' ? ['.'] : Object.keys(exports)];
    }),
  );
}

interface Manifest {
  readonly name: string;
  readonly exports?: string | Record<string, unknown>;
}
