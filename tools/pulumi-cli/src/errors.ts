import { defineError } from '@ephemera/model';

export const LinuxMissing = defineError({
  code: 'pulumi_cli.linux_missing',
  retryable: false,
  message: ({ platform }: { platform: string }) =>
    `Pulumi's command line is built for tests on Linux; this is ${platform}.`,
  hint: 'Run these tests on Linux.',
});

export const GoMissing = defineError({
  code: 'pulumi_cli.go_missing',
  retryable: false,
  message: ({ tried }: { tried: string }) =>
    `Pulumi's command line is built from its Go module, and no Go was found (${tried}).`,
  hint: 'Install Go 1.21 or newer, or Python 3 with pip, which can fetch it.',
});
