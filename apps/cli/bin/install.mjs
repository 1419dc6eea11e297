// Brings node_modules to what package-lock.json says: `npm ci` without install scripts, then the few scripts that are needed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agrees } from './agreement.mjs';
import { withLock } from './lock.mjs';
import { npm, NpmFailed } from './npm.mjs';

/** @param {string} root */
export const pinnedNode = (root) => join(root, 'node_modules', 'node', 'bin', 'node');

/**
 * @param {string} root
 * @returns {Promise<{ installed: boolean, ms: number }>}
 */
export async function ensureInstalled(root) {
  const startedAt = performance.now();
  if (isInstalled(root)) return { installed: false, ms: 0 };
  try {
    await withLock(join(root, '.ephemera-install.lock'), async () => {
      // Another process may have installed while this one waited.
      if (!isInstalled(root)) await install(root);
    });
  } catch (error) {
    if (!(error instanceof NpmFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  return { installed: true, ms: Math.round(performance.now() - startedAt) };
}

/** @param {string} root */
async function install(root) {
  const startedAt = performance.now();
  process.stderr.write('Installing dependencies (npm ci)… ');
  // A production setting of the machine must not leave out the tools, nor the database that is an optional dependency.
  if (!isInAgreement(root)) await npm(root, ['ci', '--ignore-scripts', '--include=dev', '--include=optional']);
  await npm(root, ['rebuild', '--ignore-scripts=false', ...packagesWithScripts(root)]);
  if (!existsSync(pinnedNode(root))) {
    throw new NpmFailed(
      `npm brought no Node for ${process.platform}-${process.arch}: ${pinnedNode(root)} is missing.\n` +
        'Linux and macOS on x64 and arm64 are supported; on those, remove the folder node_modules and try again.',
    );
  }
  writeFileSync(stampPath(root), stamp(root));
  process.stderr.write(`done in ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
}

/** @param {string} root */
function isInAgreement(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return existsSync(installed) && agrees(readLock(join(root, 'package-lock.json')), readLock(installed));
}

/**
 * @param {string} path
 * @returns {import('./agreement.mjs').Lock}
 */
function readLock(path) {
  return /** @type {import('./agreement.mjs').Lock} */ (JSON.parse(readFileSync(path, 'utf8')));
}

/**
 * `npm install` of a further package prunes the pinned Node without touching the stamp, so both are looked at.
 * @param {string} root
 */
function isInstalled(root) {
  return isStamped(root) && existsSync(pinnedNode(root));
}

/** @param {string} root */
function isStamped(root) {
  return existsSync(stampPath(root)) && readFileSync(stampPath(root), 'utf8') === stamp(root);
}

/** @param {string} root */
const stampPath = (root) => join(root, 'node_modules', '.ephemera-installed');

/**
 * The platform is part of it: a checkout may be mounted into a container of another one.
 * @param {string} root
 */
export function stamp(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

/**
 * The allow-list of package.json, as far as it is there on this platform.
 * @param {string} root
 */
function packagesWithScripts(root) {
  const { allowScripts } = manifest(root);
  return Object.keys(allowScripts).filter((name) => allowScripts[name] && existsSync(join(root, 'node_modules', name)));
}

/**
 * The root's package.json, as far as the launcher reads it.
 * @param {string} root
 */
export function manifest(root) {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return /** @type {{ allowScripts: Record<string, boolean>, devDependencies: { node: string } }} */ (JSON.parse(text));
}
