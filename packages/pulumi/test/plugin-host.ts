import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { credentials, Metadata } from '@grpc/grpc-js';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import { GetSchemaRequest } from '@pulumi/pulumi/proto/provider_pb.js';

const nodeModules = join(import.meta.dirname, '..', '..', '..', 'node_modules');
const limitMs = 150_000;

export interface Schema {
  readonly name: string;
  readonly namespace?: string;
  readonly resources: Readonly<Record<string, { readonly inputProperties: object }>>;
  readonly types: Readonly<
    Record<string, { readonly required?: readonly string[]; readonly properties: Readonly<Record<string, unknown>> }>
  >;
}

/**
 * The schema that Pulumi makes of a package: its own plugin host loads the package from the folder, finds the component, analyzes it with
 * the TypeScript in the other folder, and answers as it answers Pulumi's engine.
 */
export async function schemaOf(folder: string, typescript: string): Promise<Schema> {
  const host = join(nodeModules, '@pulumi', 'pulumi', 'cmd', 'run-plugin', 'index.js');
  const hooks = join(import.meta.dirname, 'consumer', 'with-typescript.mjs');
  const child = spawn(process.execPath, ['--import', hooks, host, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    env: { ...process.env, TYPESCRIPT_FOLDER: typescript },
  });
  const ended = once(child, 'exit');
  try {
    const client = new ResourceProviderClient(`127.0.0.1:${await portOf(child)}`, credentials.createInsecure());
    try {
      return JSON.parse(await ask(client)) as Schema;
    } finally {
      client.close();
    }
  } finally {
    child.kill();
    await ended;
  }
}

/** The host prints the port on which it listens; what it prints instead is why it does not. */
async function portOf({ stdout, stderr }: ChildProcess): Promise<number> {
  const printed: string[] = [];
  stderr?.on('data', (data) => printed.push(String(data)));
  if (stdout === null) throw new Error('the host has no standard output');
  for await (const line of createInterface(stdout)) {
    if (/^\d+$/.test(line)) return Number(line);
    printed.push(line);
  }
  throw new Error(`the plugin host does not listen: ${printed.join('\n')}`);
}

function ask(client: ResourceProviderClient): Promise<string> {
  return new Promise((resolve, reject) => {
    client.getSchema(new GetSchemaRequest(), new Metadata(), { deadline: Date.now() + limitMs }, (error, response) =>
      error ? reject(error) : resolve(response.getSchema()),
    );
  });
}
