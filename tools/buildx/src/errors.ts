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
