import { expect, test } from 'vitest';
import type { Guard } from './guard.ts';
import type { NamespaceLabels } from './namespace-labels.ts';
import { warningsOf } from './warnings.ts';

const inPlace: Guard = { isInPlace: true };
const missing: Guard = { isInPlace: false, because: 'the cluster refused.' };
const enforce = (level: string): NamespaceLabels => ({ 'pod-security.kubernetes.io/enforce': level });
const privileged: NamespaceLabels = { 'ephemera.dev/privileged-builders': 'true' };

interface Place {
  readonly guard?: Guard;
  /** Undefined: they cannot be read. */
  readonly labels: NamespaceLabels | undefined;
  readonly builder?: 'privileged' | 'rootless';
}

test.each<[string, Place, readonly RegExp[]]>([
  ['nothing is to be said', { labels: {} }, []],
  ['its labels cannot be read', { labels: undefined }, []],
  ['nothing limits the account', { guard: missing, labels: {} }, [/^Nothing limits .* the cluster refused\.$/]],
  ['baseline is enforced', { labels: enforce('baseline') }, [/enforces the Pod Security level baseline/]],
  ['restricted is enforced', { labels: enforce('restricted') }, [/level restricted/]],
  ['privileged is enforced', { labels: enforce('privileged') }, []],
  ['privileged builders are allowed', { builder: 'privileged', labels: privileged }, []],
  [
    'they are not known to be',
    { builder: 'privileged', labels: undefined },
    [/ephemera\.dev\/privileged-builders=true/],
  ],
])('the caller is told where %s', (_what, { guard = inPlace, labels, builder = 'rootless' }, expected) => {
  const warnings = warningsOf({ builder, namespace: 'n' }, { guard, labels });
  expect(warnings).toEqual(expected.map((text) => expect.stringMatching(text)));
});
