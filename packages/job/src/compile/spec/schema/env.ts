import { z } from 'zod';
import { containerResource, dataKey, dnsSubdomain, podField } from '../checks/names.ts';
import { flag, list, map, object, quantity, text } from './field.ts';
import { optionalText } from './optional-text.ts';
import { patterns } from './patterns.ts';
import { reference, textOrReference } from './reference.ts';

const objectName = { pattern: patterns.subdomain, maxLength: 253 };

const optional = flag({
  description: 'Whether the container also starts when it is missing.',
  default: false,
}).optional();

const secretRef = object(
  {
    namespace: optionalText({ description: 'Namespace of the Secret: only that of the job. Leave it out.' }),
    name: text({ description: 'Name of the Secret.', ...objectName }, dnsSubdomain),
    key: text({ description: 'Key in the Secret.', pattern: patterns.dataKey }, dataKey),
    optional,
  },
  { description: 'Takes the value from a Secret of the namespace.' },
);

const secretValue = text({
  description: 'The secret itself. It is kept in the Secret {name}-env-secrets and never stands in the Job.',
}).optional();

const name = text({ description: 'Name of the environment variable.', pattern: patterns.envName });

const variablesMap = map(
  textOrReference({ description: 'Value of the variable: a text, {value} or {valueFrom}.' }, reference()),
  { description: 'Map form: name → value, in the order of the names.' },
  patterns.envName,
);

const variablesList = list(
  object(
    {
      name,
      value: text({ description: 'The value; $(NAME) stands for a variable before it.' }).optional(),
      valueFrom: reference().optional(),
      configMapKeyRef: object(
        {
          name: text({ description: 'Name of the ConfigMap.', ...objectName }, dnsSubdomain),
          key: text({ description: 'Key in the ConfigMap.', pattern: patterns.dataKey }, dataKey),
          optional,
        },
        { description: 'Takes the value from a ConfigMap of the namespace.' },
      ).optional(),
      fieldRef: object(
        {
          apiVersion: optionalText({ description: 'Version of the API that the path is written for.' }),
          fieldPath: text({ description: 'Field of the pod, for example status.podIP.' }, podField),
        },
        { description: 'Takes the value from a field of the pod.' },
      ).optional(),
      resourceFieldRef: object(
        {
          containerName: optionalText({ description: 'Container whose resource it is.' }),
          resource: text({ description: 'For example limits.memory.' }, containerResource),
          divisor: quantity({ description: 'Unit in which it is counted.' }).optional(),
        },
        { description: 'Takes the value from a request or limit of a container.' },
      ).optional(),
    },
    { description: 'One variable: a name and exactly one source.' },
  ),
  { description: 'List form, in the order of the list.' },
);

const secretsMap = map(
  z
    .union([
      z.string(),
      object(
        { value: secretValue, secretRef: secretRef.optional() },
        { description: 'Exactly one of value and secretRef.' },
      ),
    ])
    .meta({ description: 'Value of the secret: a text, {value} or {secretRef}.' }),
  { description: 'Map form: name → value, in the order of the names.' },
  patterns.envName,
);

const secretsList = list(
  object(
    { name, value: secretValue, secretRef: secretRef.optional(), valueFrom: reference().optional() },
    { description: 'One secret: a name and exactly one source.' },
  ),
  { description: 'List form, in the order of the list.' },
);

const wholeObject = (kind: string) =>
  object(
    { name: text({ description: `Name of the ${kind}.`, ...objectName }, dnsSubdomain), optional },
    { description: `All keys of a ${kind} of the namespace.` },
  ).optional();

export const env = object(
  {
    variables: z
      .union([variablesMap, variablesList])
      .meta({ description: 'Variables that are no secrets.', default: {} })
      .optional(),
    secrets: z
      .union([secretsMap, secretsList])
      .meta({ description: 'Variables that are secrets.', default: {} })
      .optional(),
    envFrom: list(
      object(
        {
          prefix: optionalText({ description: 'Put before each name.' }),
          configMapRef: wholeObject('ConfigMap'),
          secretRef: wholeObject('Secret'),
        },
        { description: 'Exactly one of configMapRef and secretRef.' },
      ),
      { description: 'Variables from all keys of ConfigMaps and Secrets.', default: [] },
    ).optional(),
  },
  { description: 'Environment of the container. variables and secrets each take a map or a list.' },
);
