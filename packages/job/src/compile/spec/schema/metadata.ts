import { dnsLabel, labelValue, notEmpty } from '../checks/names.ts';
import { defaults } from '../defaults.ts';
import { list, map, object, oneOf, text } from './field.ts';
import { optionalText } from './optional-text.ts';
import { patterns } from './patterns.ts';

const labelText = { pattern: patterns.labelValue, maxLength: 63 };

const relationship = object(
  {
    kind: text({ description: 'Kind of the other resource.' }, notEmpty),
    env: optionalText({ description: 'Environment of the other resource. Default: that of this one.' }),
    name: text({ description: 'Name of the other resource.' }, notEmpty),
    type: oneOf(['unspecified', 'depends_on', 'runs_on', 'managed_by', 'uses'], {
      description: 'What the other resource is to this one.',
      default: defaults.relationshipType,
    }).optional(),
  },
  { description: 'One other resource.' },
);

export const metadata = object(
  {
    name: text(
      {
        description: 'Name of the Job, a DNS label of at most 63 characters. Secrets of the job begin with it.',
        pattern: patterns.label,
        maxLength: 63,
        examples: ['nightly-report'],
      },
      dnsLabel,
    ),
    slug: optionalText({ description: 'Short name for people. Nothing is made of it.' }),
    id: optionalText({ description: 'Id of the resource; becomes the label resource-id.', ...labelText }, labelValue),
    org: optionalText({ description: 'Organization; becomes the label organization.', ...labelText }, labelValue),
    env: optionalText({ description: 'Environment; becomes the label environment.', ...labelText }, labelValue),
    labels: map(
      text({ description: 'Value of the label.', ...labelText }, labelValue),
      { description: 'Labels for every object. Those of the job itself win over them.', default: {} },
      patterns.qualified,
    ).optional(),
    annotations: map(
      text({ description: 'Value of the annotation.' }),
      { description: 'Annotations for the Job and its pods; 256 KiB in all.', default: {} },
      patterns.annotation,
    ).optional(),
    tags: list(text({ description: 'One tag.' }), {
      description: 'Tags for people. Nothing is made of them.',
      default: [],
    }).optional(),
    relationships: list(relationship, {
      description: 'How the job relates to other resources. Nothing is made of them.',
      default: [],
    }).optional(),
    group: optionalText({ description: 'Group for people. Nothing is made of it.' }),
  },
  { description: 'What the job is called and how it is marked.' },
);
