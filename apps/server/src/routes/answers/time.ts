import { z } from 'zod';

export const time = z.string().meta({ format: 'date-time' });

export function stamp(at: Date): string {
  return at.toISOString();
}

export function optionalTime(at: Date | null): string | null {
  return at && stamp(at);
}
