import type { WorkKind } from '../store/schema.ts';

/** What a log line says about the work that it belongs to. */
export interface WorkFields {
  readonly work: WorkKind;
  readonly key: string;
  readonly environment?: number;
  readonly repositoryId?: number;
  readonly pr?: number;
  readonly installation?: number;
}

/** Reads out of a key what people search for. A key that is not as expected is still there as it is. Pure. */
export function workFields(kind: WorkKind, key: string): WorkFields {
  const [first, second] = key.split('/').map(Number);
  const fields = { work: kind, key };
  if (!isId(first)) return fields;
  switch (kind) {
    case 'environment':
      return { ...fields, environment: first };
    case 'pull-request':
    case 'report':
      return isId(second) ? { ...fields, repositoryId: first, pr: second } : fields;
    case 'repository':
      return { ...fields, repositoryId: first };
    case 'installation':
      return { ...fields, installation: first };
    default:
      return fields;
  }
}

function isId(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0;
}
