import { managerRules, rightsObjects } from '@ephemera/sandbox/rights';
import { Document, stringify } from 'yaml';
import type { Source } from '../check/sources.ts';

const FOLDER = 'k8s/rbac';
const MARK = ' Made from packages/sandbox/src/rights: run `npm run reference` instead of editing this file.';

/** The manifests of document 001: all objects in one file, and again as separate ones. They name no namespace, so that kubectl's counts. */
export function rightsManifests(): readonly Source[] {
  const { accounts, role, binding } = rightsObjects();
  const [documents, roleText, bindingText] = [accounts.map(textOf), textWithReasons(role), textOf(binding)];
  const file = (name: string, texts: readonly string[]): Source => ({
    path: `${FOLDER}/${name}`,
    text: `#${MARK}\n${texts.join('---\n')}`,
  });
  return [
    file('k8s.yaml', [...documents, roleText, bindingText]),
    file('serviceaccount.yaml', documents),
    file('role.yaml', [roleText]),
    file('rolebinding.yaml', [bindingText]),
  ];
}

const textOf = (object: object): string => stringify(object, { aliasDuplicateObjects: false });

/** Each rule with what it is needed for. */
function textWithReasons(role: object): string {
  const document = new Document(role, { aliasDuplicateObjects: false });
  for (const [index, { because }] of managerRules.entries()) {
    const rule = document.getIn(['rules', index], true) as { commentBefore?: string };
    rule.commentBefore = ` ${because}`;
    for (const key of ['apiGroups', 'resources', 'verbs']) {
      (document.getIn(['rules', index, key], true) as { flow?: boolean }).flow = true;
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
