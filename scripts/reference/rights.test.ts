import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rightsObjects } from '@ephemera/sandbox/rights';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const folder = join(import.meta.dirname, '..', '..', 'k8s', 'rbac');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const objectsIn = (file: string): unknown[] => parseAllDocuments(read(file)).map((document) => document.toJS());

test('k8s.yaml holds exactly the two accounts, the Role and the binding, as the code has them', () => {
  const { accounts, role, binding } = rightsObjects();
  expect(objectsIn('k8s.yaml')).toEqual([...accounts, role, binding]);
});

test('the separate files hold the same objects as the one file', () => {
  const separate = ['serviceaccount.yaml', 'role.yaml', 'rolebinding.yaml'].flatMap(objectsIn);
  expect(separate).toEqual(objectsIn('k8s.yaml'));
});

test('the kustomization takes the one file, so that another namespace gets the same objects', () => {
  expect(parse(read('kustomization.yaml'))).toMatchObject({ kind: 'Kustomization', resources: ['k8s.yaml'] });
});
