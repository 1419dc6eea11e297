import { defineError } from '@ephemera/model';

const elsewhere = 'Use a cluster of your own with --context NAME.';

export const LinuxMissing = defineError({
  code: 'local_cluster.linux_missing',
  retryable: false,
  message: ({ platform }: { platform: string }) =>
    `The local cluster needs Linux on x64 or arm64; this is ${platform}.`,
  hint: elsewhere,
});

export const RootMissing = defineError({
  code: 'local_cluster.root_missing',
  retryable: false,
  message: () => 'The local cluster needs root: it creates namespaces, devices and mounts.',
  hint: `Run the command as root, for example with sudo. Or: ${elsewhere}`,
});

export const GoMissing = defineError({
  code: 'local_cluster.go_missing',
  retryable: false,
  message: ({ tried }: { tried: string }) =>
    `The local cluster is built from Go modules, and no Go was found (${tried}).`,
  hint: `Install Go 1.21 or newer, or Python 3 with pip, which can fetch it. Or: ${elsewhere}`,
});

export const ProgramsMissing = defineError({
  code: 'local_cluster.programs_missing',
  retryable: false,
  message: ({ programs }: { programs: readonly string[] }) => `The local cluster needs ${programs.join(', ')}.`,
  hint: `Install what provides them with the package manager of this machine. Or: ${elsewhere}`,
});

export const NamespacesRefused = defineError({
  code: 'local_cluster.namespaces_refused',
  retryable: false,
  message: () => 'This machine does not let root create network, mount and process namespaces.',
  hint: `Containers often forbid it; run on the machine itself or in a privileged one. Or: ${elsewhere}`,
});

export const CommandFailed = defineError({
  code: 'local_cluster.command_failed',
  retryable: true,
  message: ({ command, ended, output }: { command: string; ended: string; output: string }) =>
    `${command} ${ended}.${output === '' ? '' : `\n${output}`}`,
  hint: 'The last lines of its output say why. Nothing of it stays behind; the next run tries again.',
});

export const NameInvalid = defineError({
  code: 'local_cluster.name_invalid',
  retryable: false,
  message: ({ name }: { name: string }) => `"${name}" cannot be the name of a local cluster.`,
  hint: 'Use at most 20 lower-case letters, digits and dashes, with a letter first.',
});

export const BlockInvalid = defineError({
  code: 'local_cluster.block_invalid',
  retryable: false,
  message: ({ block }: { block: string }) => `"${block}" is not a network that a local cluster can use.`,
  hint: 'Give a private /16 network such as 10.99.0.0/16.',
});

export const TooManyInstances = defineError({
  code: 'local_cluster.too_many_instances',
  retryable: false,
  message: ({ most }: { most: number }) => `There are already ${most} local clusters.`,
  hint: 'Take one down first.',
});

export const AddressesTaken = defineError({
  code: 'local_cluster.addresses_taken',
  retryable: false,
  message: ({ block, route, device }: { block: string; route: string; device: string }) =>
    `The local cluster would use ${block}, but this machine already has a route to ${route} through ${device}.`,
  hint: 'Choose another private /16 network with EPHEMERA_CLUSTER_BLOCK, for example 10.99.0.0/16.',
});

export const NotReady = defineError({
  code: 'local_cluster.not_ready',
  retryable: true,
  message: ({ waiting, seconds, log }: { waiting: readonly string[]; seconds: number; log: string }) =>
    `The local cluster did not become ready in ${seconds} s; still missing: ${waiting.join(', ')}.${log}`,
  hint: 'The logs folder of the instance has a log for each component.',
});

export const NodeEnded = defineError({
  code: 'local_cluster.node_ended',
  retryable: true,
  message: ({ log }: { log: string }) => `The local cluster ended while it started.${log}`,
  hint: 'The logs folder of the instance has a log for each component.',
});

export const NotGone = defineError({
  code: 'local_cluster.not_gone',
  retryable: true,
  message: ({ left }: { left: readonly string[] }) => `The local cluster is not gone yet: ${left.join(', ')}.`,
  hint: 'Run the command again; whatever still holds these has to end first.',
});

export const RegistryRefused = defineError({
  code: 'local_cluster.registry_refused',
  retryable: true,
  message: ({ request, status }: { request: string; status: number }) =>
    `The local registry answered ${status} to ${request}.`,
});

export const DebianMissing = defineError({
  code: 'local_cluster.debian_missing',
  retryable: false,
  message: ({ program }: { program: string }) =>
    `Programs and libraries of the images come from Debian's packages, and this machine has no ${program}.`,
  hint: 'Make the images on Debian or Ubuntu.',
});

export const LibraryNotFound = defineError({
  code: 'local_cluster.library_not_found',
  retryable: false,
  message: ({ program, library }: { program: string; library: string }) =>
    `${program} needs ${library}, which is in none of the unpacked packages.`,
});
