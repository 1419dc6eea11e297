import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Prints every module that importing the package loads. */
const script = `
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    console.log(url);
    return next(url, context);
  },
});
await import(process.argv[1]);
`;

test('the package loads a few files of client-node and none of its generated classes, which cost 80 MiB', async () => {
  const entry = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, entry]);
  const ofClientNode = stdout.split('\n').filter((url) => url.includes('/@kubernetes/client-node/'));
  expect(ofClientNode.some((url) => url.endsWith('/dist/exec_auth.js'))).toBe(true);
  expect(ofClientNode.filter((url) => url.includes('/gen/'))).toEqual([]);
  expect(ofClientNode.length).toBeLessThan(5);
});
