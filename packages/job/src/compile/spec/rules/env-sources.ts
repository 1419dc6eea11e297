import { containerResource } from '../checks/names.ts';
import { envEntries, variablesPath, type EnvEntry, type VariableSource } from '../env-entries.ts';
import type { Finding } from '../finding.ts';
import type { LooseManifest, LooseSpec } from '../manifest-schema.ts';
import { quantityOf } from '../quantity.ts';
import { keyOfOurs } from './config-map-key.ts';
import { unknownContainer } from './containers.ts';

/** Where variables come from: what is not there keeps the container from starting, or is refused by the API server. */
export function envSourceRules({ spec }: LooseManifest): Finding[] {
  return envEntries<VariableSource>(spec?.env?.variables, variablesPath).flatMap((entry) => [
    ...configMapKey(entry, spec?.configMaps),
    ...fieldVersion(entry),
    ...unknownContainer(entry.source.resourceFieldRef?.containerName, spec ?? {}, {
      path: [...entry.path, 'resourceFieldRef', 'containerName'],
      unnamed: 'the container itself',
    }),
    ...divisorOf(entry),
  ]);
}

function configMapKey({ path, source }: EnvEntry<VariableSource>, ours: LooseSpec['configMaps']): Finding[] {
  const { configMapKeyRef: from } = source;
  if (from === undefined || from.optional === true) return [];
  return keyOfOurs(from, { path: [...path, 'configMapKeyRef', 'key'], fix: `Write key: ${from.name ?? ''}.`, ours });
}

function fieldVersion({ path, source }: EnvEntry<VariableSource>): Finding[] {
  const version = source.fieldRef?.apiVersion;
  if (version === undefined || version === 'v1') return [];
  const place = [...path, 'fieldRef', 'apiVersion'];
  return [{ path: place, problem: 'is no version of the pod', fix: 'Write v1, or leave it out.' }];
}

function divisorOf({ path, source }: EnvEntry<VariableSource>): Finding[] {
  const { resource, divisor } = source.resourceFieldRef ?? {};
  // A resource that is refused itself may hold anything, and has no units.
  if (resource === undefined || divisor === undefined || containerResource(resource) !== undefined) return [];
  if (isDivisor(String(divisor), resource)) return [];
  const fix = resource.endsWith('.cpu')
    ? 'Write 1 or 1m.'
    : 'Write 1, or one of a unit: 1k, 1M, 1G, 1Ki, 1Mi, 1Gi and so on.';
  return [{ path: [...path, 'resourceFieldRef', 'divisor'], problem: `is not a unit of ${resource}`, fix }];
}

/** As the API server has it: one of a unit, in whatever way that is written but with an exponent; 0 is not set. */
function isDivisor(text: string, resource: string): boolean {
  const value = quantityOf(text);
  if (value === undefined || value === 0n) return true;
  if (/[eE][+-]?\d|\+/.test(text)) return false;
  if (resource.endsWith('.cpu')) return cpuUnits.has(value);
  return (text.endsWith('i') ? binaryUnits : decimalUnits).has(value);
}

const valuesOf = (texts: readonly string[]) => new Set(texts.map(quantityOf));
const cpuUnits = valuesOf(['1', '1m']);
const decimalUnits = valuesOf(['1', '1k', '1M', '1G', '1T', '1P', '1E']);
const binaryUnits = valuesOf(['1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']);
