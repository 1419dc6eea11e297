import { defineError } from '@ephemera/model';

export const LinuxMissing = defineError({
  code: 'buildx.linux_missing',
  retryable: false,
  message: ({ platform }: { platform: string }) =>
    `The images of buildx and BuildKit are made of programs for Linux on x64 or arm64; this is ${platform}.`,
  hint: 'Make them on Linux.',
});

export const GoMissing = defineError({
  code: 'buildx.go_missing',
  retryable: false,
  message: ({ tried }: { tried: string }) =>
    `Buildx and BuildKit are built from their Go modules, and no Go was found (${tried}).`,
  hint: 'Install Go 1.21 or newer, or Python 3 with pip, which can fetch it.',
});

export const DebianMissing = defineError({
  code: 'buildx.debian_missing',
  retryable: false,
  message: ({ program }: { program: string }) =>
    `Git and the libraries in the images come from Debian's packages, and this machine has no ${program}.`,
  hint: 'Make the images on Debian or Ubuntu.',
});

export const LibraryNotFound = defineError({
  code: 'buildx.library_not_found',
  retryable: false,
  message: ({ program, library }: { program: string; library: string }) =>
    `${program} needs ${library}, which is in none of the unpacked packages.`,
});
