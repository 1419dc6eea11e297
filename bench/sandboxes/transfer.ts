import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Sandbox } from '@ephemera/sandbox';
import { seconds } from '../figures.ts';
import type { Place } from './place.ts';
import { untilNoPods } from './ready.ts';
import { sandboxOptions } from './things.ts';
import { inTurn } from './turns.ts';
import { podOf, timed } from './warm.ts';

const WAYS = ['sandbox', 'kubectl'] as const;

/** Milliseconds of each transfer. */
export type Transfers = Readonly<
  Record<(typeof WAYS)[number], { readonly upload: readonly number[]; readonly download: readonly number[] }>
>;

export interface TransferOptions {
  readonly rounds: number;
  /** For the local files. */
  readonly folder: string;
}

export const transferBytes = 100_000_000;
const piece = 1_000_000;
const remote = 'big';

/** A file of 100 MB into the same sandbox and back, by `files` and by `kubectl cp` in turns. What has arrived is checked each time. */
export async function measureTransfers(place: Place, { rounds, folder }: TransferOptions): Promise<Transfers> {
  const { api, host, kubectl, namespace, signal, say } = place;
  const measured = {
    sandbox: { upload: [] as number[], download: [] as number[] },
    kubectl: { upload: [] as number[], download: [] as number[] },
  };
  const [source, copy] = [join(folder, 'sent'), join(folder, 'received')];
  const hash = await writeRandom(source);
  {
    await using sandbox = await Sandbox.create({ ...sandboxOptions, on: host, signal });
    const there = `${namespace}/${await podOf(place, sandbox.id)}:/workspace/${remote}`;
    const copyBy = (from: string, to: string) => kubectl.run('cp', '-c', 'sandbox', from, to);
    const ways = {
      sandbox: {
        upload: () => sandbox.files.upload(source, remote, { signal }),
        download: () => sandbox.files.download(remote, copy, { signal }),
      },
      kubectl: { upload: () => copyBy(source, there), download: () => copyBy(there, copy) },
    };
    // The first round of each warms up, and is not counted.
    for (const [at, way] of inTurn(WAYS, rounds + 1).entries()) {
      const upload = await timed(ways[way].upload);
      const { stdout } = await sandbox.commands.run(['sha256sum', remote], { signal });
      if (!stdout.startsWith(hash)) throw new Error(`${way}: what was uploaded has arrived as something else`);
      const download = await timed(ways[way].download);
      if ((await hashOf(copy)) !== hash) throw new Error(`${way}: what was downloaded has arrived as something else`);
      await Promise.all([sandbox.files.remove(remote), rm(copy)]);
      if (at < WAYS.length) continue;
      say(`  ${way.padEnd(8)} up ${seconds(upload)}, down ${seconds(download)}`);
      measured[way].upload.push(upload);
      measured[way].download.push(download);
    }
  }
  await untilNoPods({ api, namespace, signal });
  return measured;
}

/** Bytes that nothing on the way can make smaller. Returns their hash. */
async function writeRandom(path: string): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'w');
  for (let at = 0; at < transferBytes; at += piece) {
    const bytes = randomBytes(piece);
    hash.update(bytes);
    await file.write(bytes);
  }
  return hash.digest('hex');
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
