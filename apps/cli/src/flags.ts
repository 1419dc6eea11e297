import { BadInput } from './errors.ts';

/** The flag that every command which talks to a cluster takes. */
export const contextFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'NAME',
  brief: 'Context of the kubeconfig to use',
} as const;

export const jsonFlag = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Print JSON instead of a table',
} as const;

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new BadInput({ problem: `${text} is no port: it has to be a number from 0 to 65535.` });
  return port;
}

export function parseRepository(text: string): string {
  if (!/^[^/\s]+\/[^/\s]+$/.test(text))
    throw new BadInput({ problem: `${text} is no repository: it has to be OWNER/NAME.` });
  return text;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Longer ones do not fit a timer. */
const longestMs = 24 * 24 * 3_600_000;

/** `90s`, `2m`, `1h30m`, `500ms` → milliseconds, more than 0 and at most 24 days. A bare number is refused: nobody knows its unit. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitsMs[unit] ?? 0), 0);
  if (parts.map(([part]) => part).join('') !== text || ms <= 0 || ms > longestMs)
    throw new BadInput({
      problem: `${text} is no duration: it has to be one such as 90s, 2m or 1h30m, at most 24 days.`,
    });
  return ms;
}

/** Numbers that others give out, such as GitHub: they begin with 1. */
export function parsePositive(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number === 0)
    throw new BadInput({ problem: `${text} is no such number: it has to be 1 or more.` });
  return number;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new BadInput({ problem: `${text} is no number: it has to be 0 or more.` });
  return count;
}
