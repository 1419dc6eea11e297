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
