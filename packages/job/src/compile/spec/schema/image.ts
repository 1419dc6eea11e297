import { dnsSubdomain } from '../checks/names.ts';
import { imageRepo, imageTag } from '../checks/image.ts';
import { object, text } from './field.ts';
import { optionalText } from './optional-text.ts';
import { patterns } from './patterns.ts';

export const image = object(
  {
    repo: text(
      {
        description: 'Repository of the image, with a digest (@sha256:…) or without.',
        minLength: 1,
        examples: ['busybox', 'ghcr.io/owner/name'],
      },
      imageRepo,
    ),
    tag: optionalText(
      {
        description: 'Tag of the image. Required unless repo has a digest, which wins.',
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
      },
      imageTag,
    ),
    pullSecretName: optionalText(
      {
        description: 'Secret of the namespace with which the image is pulled.',
        pattern: patterns.subdomain,
        maxLength: 253,
      },
      dnsSubdomain,
    ),
  },
  { description: 'The image of the container.' },
);
