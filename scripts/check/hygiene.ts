import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Check } from './check.ts';
import { lockProblems } from './lock-file.ts';
import { sources } from './sources.ts';
import { tracesIn, type Trace } from './traces.ts';
import { looseVersions } from './versions.ts';

const LOCK = 'package-lock.json';
const BINARY = /\.(png|jpe?g|gif|ico|webp|woff2?|gz|tgz|tar|zip|wasm)$/;

/** What would make the repository depend on one machine: versions that float, addresses and folders of that machine. */
export const hygiene: Check = {
  name: 'hygiene',
  run: async (root) => {
    const files = await sources(root, (path) => !BINARY.test(path));
    const lock = files.find(({ path }) => path === LOCK);
    const manifests = files.filter(({ path }) => /(^|\/)package\.json$/.test(path));
    return {
      problems: [
        ...(lock === undefined ? [`${LOCK} is missing: run \`npm install\` and commit it`] : lockProblems(lock.text)),
        ...looseVersions(manifests),
        ...tracesIn(files, await traces(root)),
      ],
    };
  },
};

/** Asked of the tools, so that no host or folder has to stand here. */
async function traces(root: string): Promise<readonly Trace[]> {
  const hosts = [
    await npmRegistry(root),
    process.env.GOPROXY,
    process.env.PIP_INDEX_URL,
    process.env.PIP_EXTRA_INDEX_URL,
  ]
    .flatMap((setting) => [...(setting ?? '').matchAll(/https?:\/\/(?:[^/@\s]+@)?([^/:\s,|]+)/g)])
    .map((match) => String(match[1]))
    .filter((host) => host.includes('.') && !/^[\d.]+$/.test(host));
  return [
    ...hosts.map((text) => ({ text, what: 'the host of a package registry' })),
    // A build machine may clone to a folder that a file names for good reasons, such as the root of an image.
    ...(process.env.CI === 'true' ? [] : [{ text: `${root}/`, what: 'a folder of this machine' }]),
  ];
}

async function npmRegistry(root: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { cwd: root, timeout: 20_000 });
  return stdout.trim();
}
