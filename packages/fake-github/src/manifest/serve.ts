import { parseInput } from '../control/input.ts';
import { Refusal } from '../refusal.ts';
import { userNamed } from '../world.ts';
import { manifestInput, type Manifest } from './input.ts';
import { EphemeraError } from '@ephemera/model';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../state.ts';
import type { Conversions } from './conversions.ts';

/**
 * The pages of the manifest flow. GitHub asks the person to confirm the App's name first; here the form's POST leads back at
 * once, so that a program can walk the flow. The GET is for people who want to see it.
 */
export function serveManifest(server: FastifyInstance, world: World, conversions: Conversions): void {
  for (const path of ['/settings/apps/new', '/organizations/:organization/settings/apps/new']) {
    server.get(path, async (request, reply) => reply.type('text/html; charset=utf-8').send(page(request.url)));
    server.post(path, async (request, reply) => register(request, reply, world, conversions));
  }
}

function register(request: FastifyRequest, reply: FastifyReply, world: World, conversions: Conversions): FastifyReply {
  const { organization } = request.params as { organization?: string };
  const { state } = request.query as { state?: unknown };
  const manifest = parseManifest((request.body as { manifest?: unknown } | undefined)?.manifest);
  const owner = userNamed(world, organization ?? 'ephemera');
  const back = new URL(manifest.redirect_url);
  back.searchParams.set('code', conversions.keep(manifest, owner));
  if (typeof state === 'string') back.searchParams.set('state', state);
  return reply.redirect(back.href, 302);
}

function parseManifest(field: unknown): Manifest {
  if (typeof field !== 'string') throw invalidManifest([{ path: 'manifest', reason: 'the form has no such field' }]);
  let value: unknown;
  try {
    value = JSON.parse(field);
  } catch {
    throw invalidManifest([{ path: 'manifest', reason: 'is not JSON' }]);
  }
  try {
    return parseInput(manifestInput, value);
  } catch (error) {
    if (!(error instanceof EphemeraError)) throw error;
    throw invalidManifest(error.details['problems'] as Problem[]);
  }
}

interface Problem {
  readonly path: string;
  readonly reason: string;
}

const invalidManifest = (problems: readonly Problem[]) =>
  new Refusal(
    422,
    `Invalid GitHub App configuration: ${problems.map(({ path, reason }) => `${path} ${reason}`).join('; ')}`,
    {
      errors: problems.map(({ path, reason }) => ({ field: path, code: 'invalid', message: reason })),
    },
  );

function page(url: string): string {
  const action = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
<title>Register a GitHub App</title>
<h1>Register a GitHub App</h1>
<p>This is a fake GitHub. Paste the App's manifest.</p>
<form method="post" action="${action}">
<p><label>Manifest (JSON)<br><textarea name="manifest" rows="20" cols="80" required></textarea></label></p>
<p><button>Create GitHub App</button></p>
</form>
</html>
`;
}
