import { defineError } from '@ephemera/model';

export const LinuxMissing = defineError({
  code: 'python_nodejs.linux_missing',
  retryable: false,
  message: ({ platform }: { platform: string }) =>
    `The image of Python and Node is made of programs for Linux on x64 or arm64; this is ${platform}.`,
  hint: 'Make it on Linux.',
});

export const NpmMissing = defineError({
  code: 'python_nodejs.npm_missing',
  retryable: false,
  message: () =>
    'Node comes into the image as a package of npm, and this machine has no npm and tar to fetch and unpack it.',
  hint: 'Put npm and tar on the PATH.',
});
