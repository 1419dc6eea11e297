import type { TransferProgress } from '@ephemera/sandbox';

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1 file, 0 B`, `12 files, 3.4 MB`. Pure. */
export function copiedText({ files, bytes }: TransferProgress): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const size = power === 0 ? String(bytes) : (bytes / 1000 ** power).toFixed(1);
  return `${files} ${files === 1 ? 'file' : 'files'}, ${size} ${units[power]}`;
}

const everyMs = 100;
const clearLine = '\r\u001b[K';

export interface CopyProgress {
  readonly onProgress: (progress: TransferProgress) => void;
  /** Takes the line away; what comes next starts in its place. */
  readonly clear: () => void;
}

/** One line that changes, on a terminal; nothing elsewhere. */
export function copyProgress(out: NodeJS.WritableStream & { readonly isTTY?: boolean }): CopyProgress {
  let toldAt = -Infinity;
  return {
    onProgress: (progress) => {
      const now = performance.now();
      if (!out.isTTY || now - toldAt < everyMs) return;
      toldAt = now;
      out.write(`${clearLine}${copiedText(progress)}`);
    },
    clear: () => {
      if (toldAt > -Infinity) out.write(clearLine);
    },
  };
}
