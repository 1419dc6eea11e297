import { createHash } from 'node:crypto';
import type { Json } from '../openapi/description.ts';
import type { Commit, Repository, World } from '../state.ts';

export function fileResource(world: World, at: Place, text: string): Json {
  const bytes = Buffer.from(text);
  const lines = bytes.toString('base64').match(/.{1,60}/g) ?? [];
  return { ...entry(world, at, 'file', text), encoding: 'base64', content: lines.map((line) => `${line}\n`).join('') };
}

/** The folder's direct children, undefined where no file of the commit lies under the path. */
export function directoryResource(world: World, at: Place): Json[] | undefined {
  const prefix = at.path === '' ? '' : `${at.path}/`;
  const inside = [...at.commit.files].filter(([path]) => path.startsWith(prefix));
  if (inside.length === 0 && at.path !== '') return undefined;
  const children = new Map(
    inside.map(([path, text]) => [path.slice(prefix.length).split('/')[0] ?? '', { path, text }]),
  );
  return [...children]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { path, text }]) => {
      const child = { ...at, path: `${prefix}${name}` };
      return path === child.path ? entry(world, child, 'file', text) : entry(world, child, 'dir', '');
    });
}

interface Place {
  readonly repository: Repository;
  readonly commit: Commit;
  readonly path: string;
}

function entry(world: World, { repository, commit, path }: Place, type: 'file' | 'dir', text: string): Json {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const api = `${world.origin()}/repos/${repository.fullName}`;
  const sha = createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
  const self = `${api}/contents/${encoded}?ref=${commit.sha}`;
  const git = type === 'file' ? `${api}/git/blobs/${sha}` : `${api}/git/trees/${sha}`;
  const html = `${world.origin()}/${repository.fullName}/${type === 'file' ? 'blob' : 'tree'}/${commit.sha}/${encoded}`;
  const raw = `${world.origin()}/${repository.fullName}/raw/${commit.sha}/${encoded}`;
  return {
    type,
    name: path.split('/').at(-1) ?? '',
    path,
    sha,
    size: Buffer.byteLength(text),
    url: self,
    git_url: git,
    html_url: html,
    download_url: type === 'file' ? raw : null,
    _links: { self, git, html },
  };
}
