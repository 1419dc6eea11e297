/**
 * Paths are relative to the work folder and stay below it, whatever links say; an absolute path that leads elsewhere is taken as it is.
 * A path is text, or its bytes where a name is no UTF-8.
 */
export type SandboxPath = string | Uint8Array;

export interface FileEntry {
  /** Relative to what was listed, `/` between folders. Bytes that are no UTF-8 are U+FFFD here; `rawPath` has them as they are. */
  readonly path: string;
  readonly rawPath: Uint8Array;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** Permission bits, for example 0o644. */
  readonly mode: number;
  readonly modifiedAt: string;
  /** Where a link leads. */
  readonly target?: string;
}

export interface WriteOptions {
  /** Default 0o644. */
  readonly mode?: number;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  /** Default false. */
  readonly recursive?: boolean;
  /** Of more entries than that none is given: `sandbox.file` of kind `too_many`. Default: as many as 256 MiB of memory hold. */
  readonly most?: number;
  readonly signal?: AbortSignal;
}

export interface TransferProgress {
  readonly files: number;
  readonly bytes: number;
}

export interface TransferOptions {
  readonly onProgress?: (progress: TransferProgress) => void;
  readonly signal?: AbortSignal;
}

/** Files arrive whole under their name or not at all; folders on the way are made. */
export interface Files {
  read(path: SandboxPath, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
  /** UTF-8; throws `sandbox.not_text` for what is none. */
  readText(path: SandboxPath, options?: { readonly signal?: AbortSignal }): Promise<string>;
  /** In pieces, for what is too big for memory. */
  stream(path: SandboxPath, options?: { readonly signal?: AbortSignal }): AsyncGenerator<Uint8Array, void, undefined>;
  write(
    path: SandboxPath,
    content: string | Uint8Array | AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<void>;
  writeMany(
    files: readonly { readonly path: SandboxPath; readonly content: string | Uint8Array; readonly mode?: number }[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  list(path?: SandboxPath, options?: ListOptions): Promise<readonly FileEntry[]>;
  stat(path: SandboxPath): Promise<FileEntry>;
  /** A folder with all that is in it. What is not there is no error. */
  remove(path: SandboxPath): Promise<void>;
  /** A local file, or a local folder with all that is in it. Links that lead out of the folder, and what is no file, are refused. */
  upload(local: string, path?: SandboxPath, options?: TransferOptions): Promise<TransferProgress>;
  /** The other way. Nothing is written outside of `local`, whatever names and links the sandbox has. */
  download(path: SandboxPath, local: string, options?: TransferOptions): Promise<TransferProgress>;
}
