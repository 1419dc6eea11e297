import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RunRequest } from '@pulumi/pulumi/proto/language_pb.js';

/** How a program went. `reported`: it has told the user what is wrong, and Pulumi should add nothing. */
export interface Outcome {
  readonly error: string;
  readonly reported: boolean;
}

/** The exit code by which Pulumi's SDK says that the user has been told. */
const alreadyReported = 32;

/** Runs the program of a project to its end, with the Node that runs this. Its output goes where ours goes: to Pulumi. */
export async function runProgram(request: RunRequest, engine: string): Promise<Outcome> {
  const folder = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const runner = findRunner(folder);
  if (runner === undefined) {
    return { error: `@pulumi/pulumi is not installed in ${folder}: run npm install there`, reported: false };
  }
  const options = runtimeOptions(request);
  const child = spawn(process.execPath, [...nodeArguments(options), runner, ...programArguments(request, engine)], {
    cwd: folder,
    env: { ...process.env, ...environment(request, options) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ error: `node could not be started: ${message}`, reported: false }));
    child.once('exit', (code, signal) => resolve(outcomeOf(code, signal)));
  });
}

/** Pure. */
export function outcomeOf(code: number | null, signal: string | null): Outcome {
  if (code === 0) return { error: '', reported: false };
  if (code === alreadyReported) return { error: '', reported: true };
  return { error: `The program ended with ${signal ?? `exit code ${code}`}.`, reported: false };
}

/** The program's own copy of the SDK: another copy would not share its settings. */
function findRunner(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve('@pulumi/pulumi/cmd/run');
  } catch {
    return undefined;
  }
}

/** `runtime.options` of Pulumi.yaml. */
interface RuntimeOptions {
  readonly nodeargs?: string;
  readonly typescript?: boolean;
  readonly tsconfig?: string;
}

function runtimeOptions(request: RunRequest): RuntimeOptions {
  return request.getInfo()?.getOptions()?.toJavaScript() ?? {};
}

function nodeArguments({ nodeargs = '' }: RuntimeOptions): readonly string[] {
  return nodeargs.split(/\s+/).filter((argument) => argument !== '');
}

function programArguments(request: RunRequest, engine: string): readonly string[] {
  const info = request.getInfo();
  const options = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    'root-directory': info?.getRootDirectory() ?? '',
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const given = Object.entries(options).filter(([, value]) => value !== '');
  return [
    ...given.flatMap(([name, value]) => [`--${name}`, value]),
    ...(request.getDryrun() ? ['--dry-run'] : []),
    info?.getEntryPoint() || request.getProgram() || '.',
    ...request.getArgsList(),
  ];
}

/** The configuration travels in the environment: arguments can be read by everybody on the machine, and it may hold secrets. */
function environment(request: RunRequest, { typescript, tsconfig }: RuntimeOptions): NodeJS.ProcessEnv {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: 'true' }),
    ...(tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}
