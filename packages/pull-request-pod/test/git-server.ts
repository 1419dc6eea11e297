import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

/** Git's own server behind HTTP, with one repository `/acme/shop.git`. */
export interface GitServer extends AsyncDisposable {
  readonly url: string;
  /** Every URL that was asked for, with which credentials, and whether these were refused. */
  readonly asked: readonly Asked[];
  /** Commits these files as the only ones of a branch; a value `-> path` is a link. Returns the commit. */
  branch(name: string, files: Readonly<Record<string, string>>): string;
}

interface Asked {
  readonly path: string;
  readonly credentials: string | undefined;
  readonly isRefused: boolean;
}

export interface GitServerOptions {
  /** The address that it listens on. Default 127.0.0.1, which no pod reaches. */
  readonly host?: string;
  /** `user:password`; without them it answers 401. */
  readonly credentials?: string;
  /** Every answer is a redirect to this host. */
  readonly redirectTo?: string;
}

const author = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_CONFIG_NOSYSTEM: '1',
};

export async function startGitServer({
  host = '127.0.0.1',
  credentials,
  redirectTo,
}: GitServerOptions = {}): Promise<GitServer> {
  const root = mkdtempSync(path.join(tmpdir(), 'pr-job-git-'));
  const repository = path.join(root, 'acme', 'shop.git');
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 30_000,
      env: { PATH: process.env['PATH'], HOME: root, ...author },
    }).trim();
  git(['init', '-q', '--bare', repository]);
  const asked: Asked[] = [];

  const server = createServer((request, response) => {
    const given = request.headers.authorization?.replace(/^Basic /, '');
    const decoded = given === undefined ? undefined : Buffer.from(given, 'base64').toString();
    const isRefused = credentials !== undefined && decoded !== credentials;
    asked.push({ path: request.url ?? '', credentials: decoded, isRefused });
    if (redirectTo !== undefined) response.writeHead(301, { location: `${redirectTo}${request.url}` }).end();
    else if (isRefused) response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    else serve(root, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/acme/shop.git`,
    asked,
    branch: (name, files) => {
      const commit = git(['-C', repository, 'commit-tree', treeOf(git, repository, files), '-m', 'A change']);
      git(['-C', repository, 'update-ref', `refs/heads/${name}`, commit]);
      return commit;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true });
    },
  };
}

/** One folder level is enough: `docker/Dockerfile`. */
function treeOf(
  git: (args: readonly string[], input?: string) => string,
  repository: string,
  files: Readonly<Record<string, string>>,
): string {
  const folders = new Map<string, string[]>([['', []]]);
  for (const [file, content] of Object.entries(files)) {
    const link = content.startsWith('-> ');
    const blob = git(['-C', repository, 'hash-object', '-w', '--stdin'], link ? content.slice(3) : content);
    const folder = path.dirname(file) === '.' ? '' : path.dirname(file);
    const lines = folders.get(folder) ?? [];
    folders.set(folder, [...lines, `${link ? '120000' : '100644'} blob ${blob}\t${path.basename(file)}`]);
  }
  const make = (lines: readonly string[]) =>
    git(['-C', repository, 'mktree'], lines.map((line) => `${line}\n`).join(''));
  const inner = [...folders].filter(([folder]) => folder !== '');
  return make([...(folders.get('') ?? []), ...inner.map(([folder, lines]) => `040000 tree ${make(lines)}\t${folder}`)]);
}

/** Git's CGI program: its head ends with an empty line. */
async function serve(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://git');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
    },
  });
  // It may have answered before it has read everything.
  request.pipe(child.stdin.on('error', () => undefined));
  const answer = (await buffer(child.stdout)).toString('latin1');
  const cut = answer.indexOf('\r\n\r\n');
  const head = answer
    .slice(0, cut)
    .split('\r\n')
    .map((line) => line.split(': ') as [string, string]);
  const status = head.find(([name]) => name === 'Status')?.[1] ?? '200';
  response.writeHead(Number.parseInt(status, 10), Object.fromEntries(head.filter(([name]) => name !== 'Status')));
  response.end(Buffer.from(answer.slice(cut + 4), 'latin1'));
}
