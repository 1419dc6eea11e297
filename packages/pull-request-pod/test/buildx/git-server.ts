import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BlockList, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

/** A real Git server with one private repository, which pods reach and which asks for a token. */
export interface GitServer extends AsyncDisposable {
  /** Of the repository, without credentials. */
  readonly url: string;
  readonly token: string;
  /** A branch of one commit with these files, by their names, a content `-> path` being a link; returns the commit. */
  branch(name: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** How many requests had the token, and how many had none or another one. */
  readonly requests: { allowed: number; refused: number };
}

const execute = promisify(execFile);

const repository = 'shop.git';

/** `node` is the address of the cluster's node: the server listens where the node sees this machine. */
export async function startGitServer(node: string, token: string): Promise<GitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ephemera-git-'));
  const requests = { allowed: 0, refused: 0 };
  const server = createServer((request, response) => {
    const expected = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
    if (request.headers.authorization !== expected) {
      requests.refused += 1;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="shop"' }).end();
      return;
    }
    requests.allowed += 1;
    void answer(folder, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const git = (args: readonly string[], input = ''): Promise<string> => runGit(join(folder, repository), args, input);
  await runGit(folder, ['init', '--quiet', '--bare', repository], '');
  const host = addressBeside(node);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/${repository}`,
    token,
    requests,
    branch: async (name, files) => {
      const entries = await Promise.all(
        Object.entries(files).map(async ([path, content]) => {
          const isLink = content.startsWith('-> ');
          const blob = await git(['hash-object', '-w', '--stdin'], isLink ? content.slice(3) : content);
          return `${isLink ? '120000' : '100644'} blob ${blob}\t${path}\n`;
        }),
      );
      const tree = await git(['mktree'], entries.join(''));
      const commit = await git(['commit-tree', '-m', 'As the test wants it', tree]);
      await git(['update-ref', `refs/heads/${name}`, commit]);
      return commit;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Git's own server program, as web servers run it: one process for each request. */
async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git.test');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    env: {
      ...environment(folder),
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method ?? '',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
  });
  // It may have answered before it has read everything.
  request.pipe(child.stdin.on('error', () => undefined));
  const output = await buffer(child.stdout);
  const end = output.indexOf('\r\n\r\n');
  const headers = output
    .subarray(0, end)
    .toString('latin1')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  const status = headers.find(([name]) => name === 'status')?.[1] ?? '200';
  for (const [name, value] of headers) if (name !== 'status') response.setHeader(name, value);
  response.writeHead(Number.parseInt(status, 10)).end(output.subarray(end + 4));
}

async function runGit(cwd: string, args: readonly string[], input: string): Promise<string> {
  const running = execute('git', [...args], { cwd, env: environment(cwd), timeout: 30_000 });
  // A command that reads nothing may have ended by now; how it ended is what `running` tells.
  running.child.stdin?.on('error', () => undefined).end(input);
  const { stdout } = await running;
  return stdout.trim();
}

/** Nobody's own settings. */
function environment(home: string): NodeJS.ProcessEnv {
  const person = { NAME: 'Test', EMAIL: 'test@example.org' };
  return {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      Object.entries(person).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  };
}

/** This machine's address in the network of the other one. */
function addressBeside(other: string): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((own) => {
      if (own?.family !== 'IPv4' || own.cidr === null) return false;
      const network = new BlockList();
      network.addSubnet(own.address, Number(own.cidr.split('/')[1]));
      return network.check(other);
    });
  if (found === undefined) throw new Error(`This machine has no address in the network of ${other}.`);
  return found.address;
}
