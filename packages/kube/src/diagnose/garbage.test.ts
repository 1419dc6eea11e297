import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobOf } from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';
import { diagnosisCodes } from './diagnosis.ts';
import { explainEnd } from './explain-end.ts';

const telling = fc.constantFrom(
  ...'Failed FailedCreate FailedMount OOMKilled StartError Evicted DeadlineExceeded Pending True False Never OnFailure Ignore'.split(
    ' ',
  ),
  ...'CrashLoopBackOff ErrImagePull InvalidImageName CreateContainerConfigError DisruptionTarget PodScheduled'.split(
    ' ',
  ),
  ...'Unschedulable TriggeredScaleUp FailedCreatePodSandBox constructor __proto__ 2026-11-21T16:41:06Z 9999-99-99'.split(
    ' ',
  ),
  'exceeded quota: a, requested: b, used: c, limited: d',
);
const value = fc.oneof(
  telling,
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
);
const key = fc.constantFrom(
  ...'metadata spec status name uid labels creationTimestamp deletionTimestamp conditions containers resources'.split(
    ' ',
  ),
  ...'containerStatuses initContainerStatuses state lastState waiting running terminated reason message type'.split(
    ' ',
  ),
  ...'phase exitCode finishedAt lastTransitionTime restartPolicy backoffLimit podFailurePolicy rules onExitCodes'.split(
    ' ',
  ),
  ...'onPodConditions values operator involvedObject kind fieldPath series count eventTime __proto__'.split(' '),
);
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { depthSize: 'large' },
    value,
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(key, tie('anything'), { maxKeys: 6 }),
  ),
}));
const orAnything = (shape: fc.Arbitrary<unknown>) => fc.oneof({ arbitrary: shape, weight: 4 }, anything);

// Garbage all the way down seldom gets far: these have the real shapes, with garbage in some places.
const some = { requiredKeys: [] };
const end = orAnything(fc.record({ exitCode: value, reason: telling, message: value, finishedAt: value }, some));
const wait = orAnything(fc.record({ reason: telling, message: value }, some));
const state = fc.record({ waiting: wait, running: anything, terminated: end }, some);
const status = fc.record({ name: value, restartCount: value, state, lastState: state }, some);
const condition = fc.record({
  type: telling,
  status: telling,
  reason: telling,
  message: value,
  lastTransitionTime: value,
});
const pod = fc.record({
  metadata: orAnything(
    fc.record({ name: value, uid: value, creationTimestamp: value, deletionTimestamp: value }, some),
  ),
  spec: orAnything(fc.record({ restartPolicy: telling, containers: anything, initContainers: anything }, some)),
  status: orAnything(
    fc.record(
      {
        phase: telling,
        reason: telling,
        conditions: orAnything(fc.array(condition, { maxLength: 3 })),
        containerStatuses: orAnything(fc.array(status, { maxLength: 3 })),
        initContainerStatuses: orAnything(fc.array(status, { maxLength: 2 })),
      },
      some,
    ),
  ),
});
const event = fc.record(
  { reason: telling, message: value, count: value, lastTimestamp: value, involvedObject: anything },
  some,
);
const job = fc.oneof(
  fc.constant(undefined),
  fc.constant(jobOf()),
  fc.array(condition).map((conditions) => jobOf({}, { conditions })),
  anything,
);

test('no combination of garbage throws, and what comes out is a diagnosis', () => {
  const codes: readonly string[] = diagnosisCodes.map(({ code }) => code);
  const met = new Set<string>();
  fc.assert(
    fc.property(
      job,
      orAnything(fc.array(orAnything(pod), { maxLength: 3 })),
      orAnything(fc.array(orAnything(event), { maxLength: 4 })),
      fc.date({ noInvalidDate: false }),
      (of, pods, events, now) => {
        expect(() => explainEnd(of as never, pods as never)).not.toThrow();
        const found = diagnose({ job: of, pods, events, now } as never);
        if (found === undefined) return;
        met.add(found.code);
        expect(codes).toContain(found.code);
        for (const text of [found.message, found.hint, found.subject])
          expect(text).toMatch(/^[^\p{Cc}\p{Cf}]{1,1000}$/u);
        expect(found.message).toMatch(/[.!?…]$/);
        if (found.since !== undefined) expect(Date.parse(found.since)).not.toBeNaN();
      },
    ),
    { numRuns: 600 },
  );
  // Otherwise the garbage would be too much of it to be looked at.
  expect(met.size).toBeGreaterThan(5);
});
