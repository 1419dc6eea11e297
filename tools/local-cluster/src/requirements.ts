import { LinuxMissing, RootMissing } from './errors.ts';

/** What no code of ours can provide. */
export function requireMachine(): void {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new LinuxMissing({ platform: `${platform} on ${arch}` });
  }
  if (process.getuid?.() !== 0) throw new RootMissing({});
}
