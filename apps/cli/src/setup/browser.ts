import { spawn } from 'node:child_process';

/** Whether an address was handed to a browser. On a machine without a screen nobody would see it, and some openers wait for ever. */
export async function openBrowser(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const hasScreen = Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY']);
  const opener =
    process.platform === 'darwin' ? 'open' : process.platform === 'linux' && hasScreen ? 'xdg-open' : undefined;
  if (opener === undefined) return false;
  return new Promise((resolve) => {
    const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
