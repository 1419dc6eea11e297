import { shown, type Findings } from './findings.ts';

export const defaultTimeoutMs = 30 * 60_000;
export const defaultStartTimeoutMs = 3 * 60_000;
const second = 1_000;
const hour = 3_600_000;
const week = 7 * 24 * hour;

/** How long a sandbox may live: too short never answers, and what should live for months is no sandbox. */
export function checkTimeout(found: Findings, path: string, value: unknown): number {
  return checkMs(found, path, { value, most: week, inWords: '1 second to 7 days, 1000 to 604800000' });
}

export function checkStartTimeout(found: Findings, path: string, value: unknown): number {
  return checkMs(found, path, { value, most: hour, inWords: '1 second to 1 hour, 1000 to 3600000' });
}

interface Range {
  readonly value: unknown;
  readonly most: number;
  readonly inWords: string;
}

function checkMs(found: Findings, path: string, { value, most, inWords }: Range): number {
  if (Number.isInteger(value) && Number(value) >= second && Number(value) <= most) return Number(value);
  found.add(path, `is ${shown(value)}`, `give whole milliseconds: ${inWords}.`);
  return second;
}
