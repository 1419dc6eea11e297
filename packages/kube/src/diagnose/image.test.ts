import { describe, expect, test } from 'vitest';
import { after, event, podOf, podWith, stamp, waiting } from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';

const subject = 'Pod work-x7k2p, container main';

const misnamed = {
  why: (image: string) => `${image} is no valid name of an image`,
  hint: 'Correct the image: host/path:tag, with the path in lower case.',
};
const neverPulled = {
  why: (image: string) => `its image ${image} is not on the node and may not be pulled`,
  hint: 'Load the image into the cluster, or set imagePullPolicy to IfNotPresent.',
};

test.each([
  [
    'BUSYBOX:1',
    'InvalidImageName',
    `Failed to apply default image tag "BUSYBOX:1": couldn't parse image name "BUSYBOX:1": invalid reference format: repository name (library/BUSYBOX) must be lowercase`,
    misnamed,
  ],
  [
    'busybox::bad',
    'InvalidImageName',
    `Failed to apply default image tag "busybox::bad": couldn't parse image name "busybox::bad": invalid reference format`,
    misnamed,
  ],
  [
    'docker.io/library/nope:1',
    'ErrImageNeverPull',
    'Container image "docker.io/library/nope:1" is not present with pull policy of Never',
    neverPulled,
  ],
])('image %s, %s: pod.image_name, final at once', (image, reason, said, { why, hint }) => {
  const pod = podWith(waiting(reason, said), { spec: { containers: [{ name: 'main', image }] } });
  const events = [event('Failed', `Error: ${reason}`, { first: 3 })];
  expect(diagnose({ pods: [pod], events, now: after(4) })).toEqual({
    code: 'pod.image_name',
    message: `Container main of pod work-x7k2p cannot start, as ${why(image)}: ${said}.`,
    hint,
    retryable: false,
    final: true,
    subject,
    since: '2026-11-21T16:41:09.000Z',
  });
});

const image = 'docker.io/library/does-not-exist:1';
const answer = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve image: ${image}: not found`;
const spec = { containers: [{ name: 'main', image }] };
const message = `Container main of pod work-x7k2p waits for its image ${image}, which cannot be pulled: ${answer}.`;

describe('an image that cannot be pulled', () => {
  const attempt = (count: number) => [
    event('Failed', `Failed to pull image "${image}": ${answer}`, { first: 4, count, container: 'main' }),
    event('Failed', 'Error: ErrImagePull', { first: 4, count: 9, container: 'main' }),
  ];
  const backingOff = podWith(
    waiting('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${answer}`),
    { spec },
  );

  const first = podWith(waiting('ErrImagePull', answer), { spec });
  const silent = podWith(waiting('ImagePullBackOff', `Back-off pulling image "${image}"`), { spec });

  test.each([
    ['the first attempt', { pod: first, events: attempt(1) }, 5, false],
    ['between attempts', { pod: backingOff, events: attempt(1) }, 20, false],
    ['a moment before its grace is over', { pod: backingOff, events: attempt(1) }, 33.9, false],
    ['after its grace', { pod: backingOff, events: attempt(2) }, 34, true],
    ['after three attempts', { pod: backingOff, events: attempt(3) }, 20, true],
    ['an old cluster, whose state says nothing', { pod: silent, events: attempt(1) }, 20, false],
  ])('%s', (_name, { pod, events }, seconds, final) => {
    expect(diagnose({ pods: [pod], events, now: after(seconds) })).toEqual({
      code: 'pod.image_pull',
      message,
      hint: 'Check name and tag of the image; a private one needs an image pull secret; or, in a local cluster, load the image into it.',
      retryable: true,
      final,
      subject,
      since: '2026-11-21T16:41:10.000Z',
    });
  });

  test('without events the time since its sandbox was made counts', () => {
    const at = (seconds: number) => diagnose({ pods: [backingOff], events: [], now: after(seconds) });
    expect(at(32)).toMatchObject({ final: false, since: after(3).toISOString() });
    expect(at(33)).toMatchObject({ final: true, message });
  });

  test('a pull secret that is not there is named', () => {
    const said = 'Unable to retrieve some image pull secrets (nosecret); attempting to pull the image may not succeed.';
    const events = [...attempt(1), event('FailedToRetrieveImagePullSecret', said, { first: 1 })];
    expect(diagnose({ pods: [backingOff], events, now: after(5) })).toMatchObject({
      message: `${message.slice(0, -1)} ${said}`,
      hint: expect.stringContaining('Create the image pull secret that the message names'),
    });
  });

  test('the pulls of another container do not count', () => {
    const other = [event('Failed', `Failed to pull image "${image}": ${answer}`, { count: 5, container: 'other' })];
    expect(diagnose({ pods: [backingOff], events: other, now: after(12) })).toMatchObject({ final: false });
  });

  test.each([
    [
      'failed to authorize: failed to fetch oauth token: 401 Unauthorized',
      /image pull secret whose account may read it/,
    ],
    ['pull access denied, repository does not exist or may require authorization', /whose account may read it/],
    ['toomanyrequests: You have reached your pull rate limit', /The registry limits pulls/],
    ['dial tcp: lookup registry.example on 10.0.0.10:53: no such host', /does not reach the registry/],
    ['x509: certificate signed by unknown authority', /does not reach the registry/],
    ['something new', /^Check name and tag of the image and its pull secret/],
  ])('%s: the hint says what to look at', (said, hint) => {
    const pod = podWith(waiting('ErrImagePull', said), { spec });
    expect(diagnose({ pods: [pod], events: [], now: after(5) })?.hint).toMatch(hint);
  });
});

test.each([
  ['is still being pulled', podWith(waiting('ContainerCreating'))],
  ['has just been made', podOf()],
  ['waits for its init containers', podWith(waiting('PodInitializing'))],
])('a pod that %s has no diagnosis, however long it takes', (_name, pod) => {
  const events = [event('Pulling', 'Pulling image "busybox:1"', { first: 3 })];
  expect(diagnose({ pods: [pod], events, now: after(900) })).toBeUndefined();
});

test('a pod that is being removed no longer waits for its image', () => {
  const metadata = { deletionTimestamp: stamp(60), deletionGracePeriodSeconds: 30 };
  const pod = podWith(waiting('InvalidImageName', 'bad'), { metadata });
  expect(diagnose({ pods: [pod], events: [], now: after(40) })).toBeUndefined();
});
