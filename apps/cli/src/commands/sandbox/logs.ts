import type { Context } from '../../context.ts';
import { withSandbox } from './find-sandbox.ts';
import type { WhereFlags } from './where.ts';
import { withPlace } from './with-place.ts';
import { writerTo } from './writer-to.ts';

interface Flags extends WhereFlags {
  readonly follow: boolean;
}

/** What a command wrote, each stream to the stream that it was written to. */
export async function logs(this: Context, { follow, ...flags }: Flags, text: string, id: string): Promise<void> {
  const { process } = this;
  const to = { stdout: writerTo(process.stdout), stderr: writerTo(process.stderr) };
  await withPlace(this, flags, ({ host, signal }) =>
    withSandbox({ host, text, signal }, async ({ commands }) => {
      const command = await commands.connect(id);
      for await (const { stream, bytes } of command.logs({ follow, signal })) await to[stream](bytes);
    }),
  );
}
