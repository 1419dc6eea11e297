import { checkOrder, createToken, expiryAfter } from '@ephemera/server/admin';
import type { Context } from '../../context.ts';
import { openNamedDatabase } from '../database/open.ts';

interface Flags {
  readonly name: string;
  readonly scopes: string;
  readonly expires?: string;
  readonly repository?: readonly string[];
  readonly namespace?: readonly string[];
  readonly image?: readonly string[];
  readonly json: boolean;
  readonly envFile?: string;
}

export async function create(this: Context, flags: Flags): Promise<void> {
  const order = {
    name: flags.name,
    scopes: flags.scopes
      .split(',')
      .map((scope) => scope.trim())
      .filter(Boolean),
    repositories: flags.repository,
    namespaces: flags.namespace,
    images: flags.image,
    expiresAt: flags.expires === undefined ? undefined : expiryAfter(flags.expires, new Date()),
  };
  // What is wrong with it is told before a database is started.
  checkOrder(order);
  await using database = await openNamedDatabase(this, flags.envFile);
  const { text, stored, unknown } = await createToken(database.db, order);
  const { stdout, stderr } = this.process;
  if (flags.json) {
    const { name, prefix, scopes, repositories, namespaces, images, createdAt, expiresAt } = stored;
    const shown = {
      token: text,
      name,
      prefix,
      scopes,
      repositories,
      namespaces,
      images,
      created_at: createdAt,
      expires_at: expiresAt,
    };
    stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  stdout.write(`${text}\n`);
  stderr.write(
    [
      `Token ${stored.name} for ${stored.scopes.join(', ')}${narrowing(stored)}; it expires ${stored.expiresAt?.toISOString() ?? 'never'}.`,
      `It is in ${database.name} as a hash only: this is the one time that it is shown. Programs send it as`,
      '  Authorization: Bearer TOKEN',
      'and `env`, `sweep` and `pr-job` read it from EPHEMERA_TOKEN.',
      ...unknown.map((name) => `Nothing is known of ${name} yet: it is for the first repository of that name.`),
      '',
    ].join('\n'),
  );
}

function narrowing({
  repositories,
  namespaces,
  images,
}: {
  repositories: string[] | null;
  namespaces: string[] | null;
  images: string[] | null;
}): string {
  const parts = [
    repositories && `of ${repositories.join(', ')}`,
    namespaces && `in ${namespaces.join(', ')}`,
    images && `with images ${images.join(', ')}`,
  ].filter(Boolean);
  return parts.length === 0 ? '' : `, only ${parts.join(' and ')}`;
}
