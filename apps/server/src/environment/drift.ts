import type { KubeObject, Manifest } from '@ephemera/model';
import { guardrailObjects, namespaceObject, type Limits } from './objects.ts';
import { sameQuantity } from './quantity.ts';
import type { Environment } from '../store/schema.ts';

/**
 * What a namespace and its guardrails have to say at least. Annotations are left out: they are for people and name the newest commit,
 * which a namespace learns only with its next deployment. Pure.
 */
export function requiredObjects(environment: Environment, limits: Limits): readonly Manifest[] {
  const { apiVersion, kind, metadata } = namespaceObject(environment);
  const { name, labels = {} } = metadata;
  return [{ apiVersion, kind, metadata: { name, labels } }, ...guardrailObjects(environment, limits)];
}

/** Whether an object is missing or says something else than it has to. What it says besides does not count. Pure. */
export function hasDrifted(required: Manifest, actual: KubeObject | undefined): boolean {
  return actual === undefined || !contains(actual, required);
}

/**
 * A list has to be the same, item by item: one more rule in a network policy, or one more field in a rule, allows more.
 * So has what is empty: an empty selector means everything.
 */
function contains(actual: unknown, required: unknown): boolean {
  if (Array.isArray(required))
    return (
      Array.isArray(actual) &&
      actual.length === required.length &&
      required.every((item, index) => contains(actual[index], item) && contains(item, actual[index]))
    );
  if (isRecord(required)) {
    const entries = Object.entries(required);
    if (!isRecord(actual) || (entries.length === 0 && Object.keys(actual).length > 0)) return false;
    return entries.every(([key, value]) => contains(actual[key], value));
  }
  if (typeof required === 'string' && typeof actual === 'string' && sameQuantity(required, actual)) return true;
  return Object.is(actual, required);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
