import { defaults } from '../defaults.ts';
import { object, quantity } from './field.ts';

const { limits, requests } = defaults.resources;

export const resources = object(
  {
    limits: object(
      {
        cpu: quantity({ description: 'Most CPU that the container gets.', default: limits.cpu }).optional(),
        memory: quantity({
          description: 'Memory above which the container is killed.',
          default: limits.memory,
        }).optional(),
      },
      { description: 'The most that the container gets.' },
    ).optional(),
    requests: object(
      {
        cpu: quantity({
          description: 'CPU that is kept free for the container. The default is never above the limit.',
          default: requests.cpu,
        }).optional(),
        memory: quantity({
          description: 'Memory that is kept free for the container. The default is never above the limit.',
          default: requests.memory,
        }).optional(),
      },
      { description: 'What is kept free for the container on its node.' },
    ).optional(),
  },
  { description: 'CPU and memory of the container; each of the four values has its own default.' },
);
