import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { placeLauncher } from '@ephemera/pulumi-cli/launcher';
import type { PulumiTool } from '@ephemera/pulumi-cli';

// Every command of Pulumi's takes whole processors for seconds; the servers of tests beside it have to answer webhooks within two.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const commandTimeoutMs = 150_000;
const stackName = 'dev';

/** Undefined where `npm test` could not provide the command line; it has said why. */
export const pulumiTool = readTool();

/** For a file of tests: every stack runs four processes of several hundred megabytes, and files run side by side already. */
export const oneAtATime = { concurrent: false };

/** For a test of four commands or more: alone each takes a few seconds, beside the other tiers' load ten times that. */
export const manyCommands = { timeout: 300_000 };

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  /** What a user sees: standard output and standard error. */
  readonly output: string;
}

/** A stack of its own: home, state, passphrase and project folder are nobody else's. */
export interface PulumiProject extends AsyncDisposable {
  /** The folder with Pulumi.yaml. */
  readonly folder: string;
  /** The file that leads to the cluster of the tests. */
  readonly kubeconfig: string;
  pulumi(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Runs lines as a user types them, from the folder that the program was put into. */
  shell(lines: string): Promise<Ran>;
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** The state, as it lies on the disk. */
  stateFile(): string;
}

export interface ProjectOptions {
  /** Puts the program into an empty folder and returns where its Pulumi.yaml is. */
  readonly program: (folder: string) => string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Disposing destroys what a failed test has left, and removes every folder. */
export async function startPulumiProject(options: ProjectOptions): Promise<PulumiProject> {
  if (pulumiTool === undefined) throw new Error('EPHEMERA_TEST_PULUMI is not set: run the tests with npm test');
  const root = mkdtempSync(join(tmpdir(), 'ephemera-pulumi-'));
  try {
    return await projectIn(root, pulumiTool, options);
  } catch (error) {
    rmSync(root, { recursive: true });
    throw error;
  }
}

async function projectIn(
  root: string,
  tool: PulumiTool,
  { program, environment = {} }: ProjectOptions,
): Promise<PulumiProject> {
  const within = (name: string): string => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  const [home, state, top, userHome] = [within('pulumi'), within('state'), within('program'), within('home')];
  await placeStandIn(home);
  const folder = program(top);
  const kubeconfig = await kubeconfigPath(root);
  const env = {
    PATH: [tool.folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: userHome,
    TMPDIR: within('tmp'),
    KUBECONFIG: kubeconfig,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(12).toString('hex'),
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    NO_COLOR: '1',
    // Each command starts three programs of Node with large libraries. Not shared by stacks: their programs lie in folders of their own, and a
    // cache for all would grow with every run.
    NODE_COMPILE_CACHE: within('compiled'),
    ...environment,
  };
  const pulumi: PulumiProject['pulumi'] = (args, more = {}) =>
    run(tool.command, [...args, '--non-interactive'], { cwd: folder, env: { ...env, ...more } });
  // A passphrase is stretched on purpose; one stack each is what that costs.
  const made = await pulumi(['stack', 'init', stackName]);
  if (made.code !== 0) throw new Error(made.output);
  const stateFile = (): string =>
    readFileSync(join(state, '.pulumi', 'stacks', projectsIn(state), `${stackName}.json`), 'utf8');
  /** What a command that was ended in the middle of it has begun counts too. */
  const isEmpty = (): boolean => {
    const { checkpoint } = JSON.parse(stateFile()) as { checkpoint: { latest?: Checkpoint } };
    const { resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
    return resources.length === 0 && pending.length === 0;
  };

  return {
    folder,
    kubeconfig,
    pulumi,
    shell: (lines) => run('/bin/sh', ['-e', '-c', lines], { cwd: top, env }),
    outputs: async () => {
      const { code, stdout, output } = await pulumi(['stack', 'output', '--json']);
      if (code !== 0) throw new Error(output);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    stateFile,
    [Symbol.asyncDispose]: async () => {
      if (!isEmpty()) {
        // A command that was ended leaves its lock.
        await pulumi(['cancel', '--yes']);
        const { code, output } = await pulumi(['destroy', '--yes', '--skip-preview']);
        if (code !== 0) throw new Error(`${root} is left as it is: ${output}`);
      }
      rmSync(root, { recursive: true });
    },
  };
}

/** As far as it is read. */
interface Checkpoint {
  readonly resources?: readonly unknown[];
  readonly pending_operations?: readonly unknown[];
}

function readTool(): PulumiTool | undefined {
  const given = process.env['EPHEMERA_TEST_PULUMI'];
  return given === undefined ? undefined : (JSON.parse(given) as PulumiTool);
}

/** A plugin folder whose version is that of the SDK: the one way on which Pulumi finds a plugin without a warning. */
async function placeStandIn(home: string): Promise<void> {
  const { version } = createRequire(import.meta.url)('@pulumi/kubernetes/package.json') as { version: string };
  const folder = join(home, 'plugins', `resource-kubernetes-v${version}`);
  mkdirSync(folder, { recursive: true });
  const program = join(import.meta.dirname, 'stand-in', 'main.ts');
  await placeLauncher({ folder, name: 'pulumi-resource-kubernetes', program });
}

/** The cluster of the tests as the current context of a file: a user's `--context` need not be the current one of theirs. */
async function kubeconfigPath(folder: string): Promise<string> {
  const { EPHEMERA_TEST_KUBECONFIG: own, EPHEMERA_TEST_CONTEXT: context } = process.env;
  if (context === undefined) return own ?? '';
  const path = join(folder, 'kubeconfig');
  const args = ['config', 'view', '--minify', '--flatten', '--raw', `--context=${context}`];
  const { code, stdout, output } = await run('kubectl', args, { cwd: folder, env: process.env });
  if (code !== 0) throw new Error(output);
  writeFileSync(path, stdout, { mode: 0o600 });
  return path;
}

/** The one project of a state folder. */
function projectsIn(state: string): string {
  return readdirSync(join(state, '.pulumi', 'stacks'))[0] ?? '';
}

async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ran> {
  // A group of its own: what the command has started, a shell's Pulumi and its plugins, ends with it.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const limit = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), commandTimeoutMs);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += String(bytes)));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    const [stdout, code] = await Promise.all([text(child.stdout), closed]);
    return { code, stdout, output };
  } finally {
    clearTimeout(limit);
  }
}
